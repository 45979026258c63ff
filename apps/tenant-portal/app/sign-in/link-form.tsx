"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import { useActionState } from "react";
import { sendLink } from "./actions.ts";

/** @param to where its link leads in the end. */
export function LinkForm({ to }: { to: string }) {
  const [state, action] = useActionState(sendLink, {});
  const form = useFocusOnFault(state);
  return (
    <form ref={form} action={action} className="space-y-5">
      <input type="hidden" name="to" value={to} />
      {state.done !== undefined && <Alert tone="good">{state.done}</Alert>}
      <TextField
        label="E-mail address"
        name="email"
        type="email"
        required
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        defaultValue={state.email}
        hint="The one that your developer has of you."
        error={state.error}
      />
      <SubmitButton look="secondary" pendingLabel="Asking…" className="w-full">
        Send me a link
      </SubmitButton>
    </form>
  );
}
