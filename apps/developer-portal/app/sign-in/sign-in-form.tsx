"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState } from "react";
import { type SignInState, signIn } from "./actions.ts";

const INITIAL: SignInState = { ok: true };

export function SignInForm() {
  const [state, action] = useActionState(signIn, INITIAL);
  return (
    <form action={action} className="space-y-5">
      {state.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      <TextField
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        defaultValue={state.email}
      />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      <SubmitButton pendingLabel="Signing in…" className="w-full">
        Sign in
      </SubmitButton>
    </form>
  );
}
