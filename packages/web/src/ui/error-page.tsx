"use client";

import { Button } from "./button.tsx";
import { Message } from "./message-page.tsx";

/** What `error.tsx` is handed: whatever was thrown, and a way to render once more. */
export interface ErrorPageProps {
  error: unknown;
  retry: () => void;
}

/** The number under which the server's log has the error; errors of the browser have none. */
function reference(error: unknown): string | undefined {
  return error instanceof Error && "digest" in error && typeof error.digest === "string"
    ? error.digest
    : undefined;
}

/** A page that could not be shown, for a reason that is ours. */
export function ErrorPage({ error, retry }: ErrorPageProps) {
  const number = reference(error);
  return (
    <Message
      title="Something went wrong here"
      actions={
        <>
          <Button onClick={() => retry()}>Try again</Button>
          <a
            href="/"
            className="inline-flex min-h-10 items-center px-2 text-sm font-semibold text-accent hover:underline"
          >
            Go to the start page
          </a>
        </>
      }
    >
      <p>This page could not be shown. Trying once more often helps.</p>
      {number !== undefined && (
        <p>
          If it does not, tell us this number: <span className="font-mono text-ink">{number}</span>
        </p>
      )}
    </Message>
  );
}
