"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState } from "react";
import { openAgain } from "./actions.ts";

/** One button. A person presses it, a mail's scanner does not, so a link that was only looked at stays good. */
export function OpenAgainForm({ token, to }: { token: string; to: string }) {
  const [state, action] = useActionState(openAgain, null);
  return (
    <form action={action} className="space-y-4">
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="to" value={to} />
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      <SubmitButton pendingLabel="Opening…" className="w-full">
        Open my home
      </SubmitButton>
    </form>
  );
}
