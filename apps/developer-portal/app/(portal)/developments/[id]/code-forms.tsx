"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { Button } from "@openhouse/web/ui/button";
import { closes } from "@openhouse/web/ui/dialog-commands";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { type ReactNode, useActionState, useId, useRef } from "react";
import { changeCode } from "./actions.ts";

interface CodeFormsProps {
  homeownerId: string;
  homeownerName: string;
  /** Whether there is an open code, perhaps on paper already, that either action would make worthless. */
  hasOpenCode: boolean;
}

/** Makes a new code or withdraws the open one; where that ends an open one it asks first, with scripts or without. */
export function CodeForms({ homeownerId, homeownerName, hasOpenCode }: CodeFormsProps) {
  const [state, action] = useActionState(changeCode, null);
  return (
    <div className="mt-auto flex flex-col gap-3 print:hidden">
      {state !== null && (
        <Alert tone={state.ok ? "good" : "critical"}>{state.ok ? state.done : state.error}</Alert>
      )}
      <div className="flex flex-wrap gap-3">
        <CodeForm
          action={action}
          homeownerId={homeownerId}
          change="issue"
          button={{ text: "New code", label: `New code for ${homeownerName}`, pending: "Making a code…" }}
          question={hasOpenCode ? `Replace the code of ${homeownerName}?` : undefined}
          answer="Replace it"
        />
        {hasOpenCode && (
          <CodeForm
            action={action}
            homeownerId={homeownerId}
            change="withdraw"
            button={{
              text: "Withdraw",
              label: `Withdraw the code of ${homeownerName}`,
              pending: "Withdrawing…",
            }}
            question={`Withdraw the code of ${homeownerName}?`}
            answer="Withdraw it"
          />
        )}
      </div>
    </div>
  );
}

interface CodeFormProps {
  action: (form: FormData) => void;
  homeownerId: string;
  change: "issue" | "withdraw";
  button: { text: string; label: string; pending: string };
  /** Asked before the form is sent. */
  question: string | undefined;
  /** What says yes to it. */
  answer: ReactNode;
}

function CodeForm({ action, homeownerId, change, button, question, answer }: CodeFormProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const dialogId = useId();
  const questionId = useId();
  return (
    <form action={action} onSubmit={() => dialog.current?.close()} className="flex-1">
      {/* Not bound to the action: each render would bind anew, and the answer to a form without scripts wait for each, for ever. */}
      <input type="hidden" name="homeowner" value={homeownerId} />
      <input type="hidden" name="change" value={change} />
      <SubmitButton
        look="secondary"
        pendingLabel={button.pending}
        aria-label={button.label}
        question={question === undefined ? undefined : { dialogId, ask: () => dialog.current?.showModal() }}
        className="w-full"
      >
        {button.text}
      </SubmitButton>
      {question !== undefined && (
        <dialog
          id={dialogId}
          ref={dialog}
          aria-labelledby={questionId}
          className="m-auto w-full max-w-sm rounded-xl border border-line bg-surface p-6 text-ink shadow-card backdrop:bg-shade"
        >
          <h4 id={questionId} className="text-lg font-semibold">
            {question}
          </h4>
          <p className="mt-2 text-sm text-muted">
            The code they have now stops working at once, also where it is printed.
          </p>
          <div className="mt-5 flex flex-wrap justify-end gap-3">
            <Button look="secondary" {...closes(dialogId)} onClick={() => dialog.current?.close()}>
              Keep it
            </Button>
            <SubmitButton pendingLabel={button.pending}>{answer}</SubmitButton>
          </div>
        </dialog>
      )}
    </form>
  );
}
