"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { Card } from "@openhouse/web/ui/card";
import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import { type ReactNode, useActionState } from "react";
import { changeTwoStep, type TwoStepChange, type TwoStepState } from "./actions.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";

interface TwoStepProps {
  factor: { state: "off" } | { state: "pending" } | { state: "on"; recoveryCodesLeft: number };
  /** What the app has to learn, while it is set up. */
  children?: ReactNode;
}

/** All of two-step sign-in under one state, so that recovery codes are still there when the page has become another. */
export function TwoStep({ factor, children }: TwoStepProps) {
  const [state, action] = useActionState(changeTwoStep, {});
  const form = (change: TwoStepChange) => ({ action, change, state });
  return (
    <div className="space-y-6">
      {state.done !== undefined && <Alert tone="good">{state.done}</Alert>}
      {state.recoveryCodes !== undefined && <RecoveryCodes codes={state.recoveryCodes} />}
      <div className="space-y-6">
        {factor.state === "off" && (
          <Card className="space-y-5">
            <p className="text-sm text-muted">
              You need an authenticator app on your phone. It shows a code that changes every 30 seconds, and
              works without a network.
            </p>
            <ChangeForm
              {...form("begin")}
              field="password"
              label="Password"
              hint="The one you sign in with."
              button="Set up"
            />
          </Card>
        )}
        {factor.state === "pending" && (
          <Card className="space-y-5">
            {children}
            <ChangeForm
              {...form("confirm")}
              field="code"
              label="Code"
              hint="The six digits that the app shows now."
              button="Turn on"
            />
          </Card>
        )}
        {factor.state === "on" && (
          <>
            <Card className="space-y-4">
              <h2 className="text-lg font-semibold tracking-tight">Recovery codes</h2>
              <p className="text-sm text-muted">
                {factor.recoveryCodesLeft} left. New ones take the place of all of these.
              </p>
              <ChangeForm {...form("renew")} field="code" label="Code" button="Make new recovery codes" />
            </Card>
            <Card className="space-y-4">
              <h2 className="text-lg font-semibold tracking-tight">Turn it off</h2>
              <p className="text-sm text-muted">From then on your password alone signs you in.</p>
              <ChangeForm {...form("turn-off")} field="code" label="Code" button="Turn off" />
            </Card>
          </>
        )}
      </div>
    </div>
  );
}

interface ChangeFormProps {
  action: (form: FormData) => void;
  change: TwoStepChange;
  state: TwoStepState;
  field: "code" | "password";
  label: string;
  hint?: string;
  button: string;
}

function ChangeForm({ action, change, state, field, label, hint, button }: ChangeFormProps) {
  const isPassword = field === "password";
  const error = state.change === change ? state.error : undefined;
  const form = useFocusOnFault(error === undefined ? undefined : state);
  return (
    <form ref={form} action={action} className="max-w-sm space-y-4">
      <input type="hidden" name="change" value={change} />
      <TextField
        label={label}
        name={field}
        type={isPassword ? "password" : "text"}
        autoComplete={isPassword ? "current-password" : "one-time-code"}
        spellCheck={false}
        required
        hint={hint ?? "Of your app, or a recovery code."}
        error={error}
      />
      <SubmitButton
        look={change === "turn-off" || change === "renew" ? "secondary" : "primary"}
        pendingLabel="One moment…"
      >
        {button}
      </SubmitButton>
    </form>
  );
}
