import { withReturnPath } from "@openhouse/web/return-path";
import { Alert } from "@openhouse/web/ui/alert";
import { Button, ButtonLink } from "@openhouse/web/ui/button";
import { explain } from "./explain.ts";

interface ChatErrorProps {
  error: Error;
  /** Seconds until the question is sent again by itself; null where it is not. */
  secondsLeft: number | null;
  /** Where somebody who has to sign in again comes back to. */
  path: string;
  /** Sends the last question again, as the same one. */
  onAgain: () => void;
}

/** Why there is no answer, or none to its end, and what to do. Belongs where it is seen however long the conversation is. */
export function ChatError({ error, secondsLeft, path, onAgain }: ChatErrorProps) {
  const { text, remedy } = explain(error);
  const waiting = remedy === "wait" && secondsLeft !== null;
  return (
    <div className="mx-auto w-full max-w-3xl space-y-2.5 py-2 print:hidden">
      <Alert tone={waiting ? "caution" : "critical"}>
        {waiting ? `${text} It is sent again by itself in a moment.` : text}
      </Alert>
      <div className="flex flex-wrap items-center gap-3">
        {remedy === "sign-in" && (
          <ButtonLink href={withReturnPath("/sign-in", path)}>Sign in again</ButtonLink>
        )}
        {remedy === "new" && <ButtonLink href="/chat">New conversation</ButtonLink>}
        {(remedy === "again" || remedy === "wait") && (
          <Button look="secondary" onClick={onAgain}>
            {waiting ? "Try now" : "Try again"}
          </Button>
        )}
        {waiting && (
          // Not read out: it changes every second.
          <span aria-hidden="true" className="text-sm text-muted tabular-nums">
            in {secondsLeft} s
          </span>
        )}
      </div>
    </div>
  );
}
