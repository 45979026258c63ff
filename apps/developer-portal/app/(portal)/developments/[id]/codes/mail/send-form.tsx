"use client";

import { formatCount, formatNumberOf } from "@openhouse/web/format";
import { Alert } from "@openhouse/web/ui/alert";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { startTransition, useActionState, useEffect, useRef } from "react";
import { type MailRunState, sendCodes } from "./actions.ts";

interface SendFormProps {
  developmentId: string;
  /** Who would be sent theirs. */
  count: number;
  /** For those whose mail had failed until then, in milliseconds since 1970. */
  before?: number;
}

/**
 * Sends codes batch by batch, and says how far it is. With scripts one press sends all; without, a press sends a batch. Whoever leaves
 * meanwhile finds here who is left.
 */
export function SendForm({ developmentId, count, before }: SendFormProps) {
  const [state, action, pending] = useActionState(sendCodes, null);
  const form = useRef<HTMLFormElement>(null);
  const left = state?.left ?? 0;
  const goesOn = state?.ok === true && left > 0;
  useEffect(() => {
    const { current } = form;
    if (!goesOn || pending || current === null) return;
    startTransition(() => action(new FormData(current)));
  }, [goesOn, pending, action]);
  if (count === 0 && state === null) return null;
  const done = (state?.sent ?? 0) + (state?.failed ?? 0);
  const stopped = state !== null && !goesOn;
  return (
    <form ref={form} action={action} className="space-y-4">
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      {state?.sent !== undefined && <Alert tone={state.failed ? "caution" : "good"}>{tell(state)}</Alert>}
      {goesOn && (
        <progress className="w-full accent-accent" value={done} max={done + left} aria-label="Mails sent" />
      )}
      <input type="hidden" name="development" value={developmentId} />
      {before !== undefined && <input type="hidden" name="before" value={goesOn ? state.before : before} />}
      {goesOn && (
        <>
          <input type="hidden" name="sent" value={state.sent} />
          <input type="hidden" name="failed" value={state.failed} />
        </>
      )}
      {(goesOn || count > 0) && (
        <SubmitButton pendingLabel="Sending…" look={before === undefined ? "primary" : "secondary"}>
          {goesOn
            ? `Go on: ${formatCount(left)} left`
            : before === undefined
              ? `Send ${formatNumberOf(count, "code")}`
              : `Try ${formatNumberOf(count, "mail")} again`}
        </SubmitButton>
      )}
      {stopped && count === 0 && before === undefined && (
        <p className="text-sm text-muted">There is nobody left to send a code.</p>
      )}
    </form>
  );
}

function tell({ sent = 0, failed = 0, left = 0 }: MailRunState): string {
  const rest = left > 0 ? `, ${formatCount(left)} left` : "";
  return `${formatNumberOf(sent, "mail")} sent, ${formatCount(failed)} failed${rest}.`;
}
