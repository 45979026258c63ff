"use client";

import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import { useActionState } from "react";
import { enterCode } from "./actions.ts";

export function CodeForm() {
  const [state, action] = useActionState(enterCode, {});
  const form = useFocusOnFault(state);
  return (
    <form ref={form} action={action} className="space-y-5">
      <TextField
        label="Code"
        name="code"
        required
        autoFocus
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        hint="The six digits that your app shows, or a recovery code."
        error={state.error}
      />
      <SubmitButton pendingLabel="Checking…" className="w-full">
        Continue
      </SubmitButton>
    </form>
  );
}
