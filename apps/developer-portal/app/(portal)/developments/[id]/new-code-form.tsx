"use client";

import { Button } from "@openhouse/web/ui/button";
import { Notice } from "@openhouse/web/ui/notice";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState, useId, useRef } from "react";
import { issueCode } from "./actions.ts";

interface NewCodeFormProps {
  homeownerId: string;
  homeownerName: string;
  /** Whether there is an open code, perhaps on paper already, that a new one would make worthless. */
  replaces: boolean;
}

/** Makes a new code; where that ends an open one it asks first. Without scripts it does not ask. */
export function NewCodeForm({ homeownerId, homeownerName, replaces }: NewCodeFormProps) {
  const [state, action] = useActionState(issueCode.bind(null, homeownerId), null);
  const question = useRef<HTMLDialogElement>(null);
  const questionId = useId();
  return (
    <form
      action={action}
      onSubmit={() => question.current?.close()}
      className="mt-auto flex flex-col gap-3 print:hidden"
    >
      {state !== null && (
        <Notice tone={state.ok ? "good" : "critical"}>{state.ok ? "New code made." : state.error}</Notice>
      )}
      <SubmitButton
        look="secondary"
        pendingLabel="Making a code…"
        aria-label={`New code for ${homeownerName}`}
        onPress={replaces ? () => question.current?.showModal() : undefined}
        className="w-full"
      >
        New code
      </SubmitButton>
      <dialog
        ref={question}
        aria-labelledby={questionId}
        className="m-auto w-full max-w-sm rounded-xl border border-line bg-surface p-6 text-ink shadow-card backdrop:bg-shade"
      >
        <h4 id={questionId} className="text-lg font-semibold">
          Replace the code of {homeownerName}?
        </h4>
        <p className="mt-2 text-sm text-muted">
          The code they have now stops working at once, also where it is printed.
        </p>
        <div className="mt-5 flex flex-wrap justify-end gap-3">
          <Button look="secondary" onClick={() => question.current?.close()}>
            Keep it
          </Button>
          <SubmitButton pendingLabel="Making a code…">Replace it</SubmitButton>
        </div>
      </dialog>
    </form>
  );
}
