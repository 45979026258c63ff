"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState } from "react";
import { openHome } from "./actions.ts";

/** One button. A person presses it, a link preview does not, so a code that was only looked at stays good. */
export function OpenHomeForm({ code, to }: { code: string; to: string }) {
  const [state, action] = useActionState(openHome, null);
  return (
    <form action={action} className="space-y-4">
      {/* Not bound to the action: each render would bind anew, and the answer to a form without scripts wait for each, for ever. */}
      <input type="hidden" name="code" value={code} />
      <input type="hidden" name="to" value={to} />
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      <SubmitButton pendingLabel="Opening…" className="w-full">
        Open my home
      </SubmitButton>
    </form>
  );
}
