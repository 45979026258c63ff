"use client";

import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import { useActionState } from "react";
import { findCode } from "./actions.ts";

/** @param to where its code leads in the end. */
export function CodeForm({ to }: { to: string }) {
  const [state, action] = useActionState(findCode, {});
  const form = useFocusOnFault(state);
  return (
    <form ref={form} action={action} className="space-y-5">
      <input type="hidden" name="to" value={to} />
      <TextField
        label="Code"
        name="code"
        required
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        defaultValue={state.code}
        hint="The 20 letters and digits under the QR code."
        error={state.error}
      />
      <SubmitButton pendingLabel="Looking…" className="w-full">
        Continue
      </SubmitButton>
    </form>
  );
}
