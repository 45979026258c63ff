"use client";

import type { CodeMailState } from "@openhouse/db/schema";
import { formatNumberOf } from "@openhouse/web/format";
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
  /** Whether somebody is in this home, or was. */
  isOpen: boolean;
  /** On how many devices the homeowner is signed in. */
  deviceCount: number;
  /** How it stands with sending the open code by e-mail; null where that cannot be. */
  mail: { codeId: string; claims: number; state: CodeMailState | null; email: string } | null;
}

/** Makes a new code, sends or withdraws the open one, or signs the homeowner out; where that ends or opens something it asks first, with scripts or without. */
export function CodeForms(props: CodeFormsProps) {
  const { homeownerId, homeownerName, hasOpenCode, isOpen, deviceCount, mail } = props;
  const [state, action] = useActionState(changeCode, null);
  const devices = formatNumberOf(deviceCount, "device");
  const form = { action, homeownerId };
  return (
    <div className="mt-auto flex flex-col gap-3 print:hidden">
      {state !== null && (
        <Alert tone={state.ok ? "good" : "critical"}>{state.ok ? state.done : state.error}</Alert>
      )}
      <div className="flex flex-wrap gap-3">
        <CodeForm
          {...form}
          change="issue"
          button={{ text: "New code", label: `New code for ${homeownerName}`, pending: "Making a code…" }}
          question={
            isOpen
              ? `${homeownerName} has opened this home. Make another code?`
              : hasOpenCode
                ? `Replace the code of ${homeownerName}?`
                : undefined
          }
          answer={isOpen ? "Make another code" : "Replace it"}
        >
          {isOpen && (
            <>
              <input type="hidden" name="knows" value="open" />
              <p>
                Whoever scans it reads the conversations of {homeownerName}. Make one only if they have asked
                for it. It is noted that you did, and they are told of the new device.
              </p>
            </>
          )}
          {hasOpenCode && <CodeEnds />}
          {deviceCount > 0 && <Choice name="end">Sign out where they are in now ({devices})</Choice>}
        </CodeForm>
        {mail !== null && mail.state !== "sending" && (
          <CodeForm
            {...form}
            change="mail"
            button={{
              text: mail.state === null ? "E-mail it" : "E-mail again",
              label: `Send the code of ${homeownerName} by e-mail${mail.state === null ? "" : " again"}`,
              pending: "Sending…",
            }}
            question={`Send the code to ${mail.email}?`}
            answer="Send it"
          >
            <input type="hidden" name="code" value={mail.codeId} />
            <input type="hidden" name="claims" value={mail.claims} />
            {mail.state === "sent" && <p>It was sent there already.</p>}
            {mail.state === "uncertain" && <p>It may have been sent already.</p>}
            <p>Whoever reads that mailbox can open the home of {homeownerName}.</p>
          </CodeForm>
        )}
        {hasOpenCode && (
          <CodeForm
            {...form}
            change="withdraw"
            button={{
              text: "Withdraw",
              label: `Withdraw the code of ${homeownerName}`,
              pending: "Withdrawing…",
            }}
            question={`Withdraw the code of ${homeownerName}?`}
            answer="Withdraw it"
          >
            <CodeEnds />
            {deviceCount > 0 && (
              <>
                <p>Who came in with an earlier code is signed out: {devices}.</p>
                <Choice name="keep">Leave them signed in</Choice>
              </>
            )}
          </CodeForm>
        )}
        {!hasOpenCode && deviceCount > 0 && (
          <CodeForm
            {...form}
            change="end"
            button={{
              text: "Sign out",
              label: `Sign ${homeownerName} out everywhere`,
              pending: "Signing out…",
            }}
            question={`Sign ${homeownerName} out everywhere?`}
            answer="Sign them out"
          >
            <p>They are signed in on {devices}. To come in again they need a new code.</p>
          </CodeForm>
        )}
      </div>
    </div>
  );
}

const CodeEnds = () => <p>The code they have now stops working at once, also where it is printed.</p>;

function Choice({ name, children }: { name: string; children: ReactNode }) {
  return (
    <label className="flex min-h-11 items-center gap-2.5 text-ink sm:min-h-10">
      <input type="checkbox" name={name} className="size-4 shrink-0 accent-accent" />
      <span>{children}</span>
    </label>
  );
}

interface CodeFormProps {
  action: (form: FormData) => void;
  homeownerId: string;
  change: "issue" | "withdraw" | "end" | "mail";
  button: { text: string; label: string; pending: string };
  /** Asked before the form is sent. */
  question: string | undefined;
  /** What says yes to it. */
  answer: ReactNode;
  /** What that means, and what can be chosen about it. */
  children: ReactNode;
}

function CodeForm({ action, homeownerId, change, button, question, answer, children }: CodeFormProps) {
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
          className="m-auto w-[calc(100%-2rem)] max-w-sm rounded-xl border border-line bg-surface p-6 text-ink shadow-card backdrop:bg-shade"
        >
          <h3 id={questionId} className="text-lg font-semibold">
            {question}
          </h3>
          <div className="mt-2 space-y-2 text-sm text-muted">{children}</div>
          <div className="mt-5 flex flex-wrap justify-end gap-3">
            <Button look="secondary" {...closes(dialogId)} onClick={() => dialog.current?.close()}>
              Leave it
            </Button>
            <SubmitButton pendingLabel={button.pending}>{answer}</SubmitButton>
          </div>
        </dialog>
      )}
    </form>
  );
}
