"use client";

import { ErrorPage, type ErrorPageProps } from "@openhouse/web/ui/error-page";
import { Wordmark } from "@openhouse/web/ui/wordmark";

export default function PageError(props: ErrorPageProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center gap-8 px-5 py-12">
      <Wordmark />
      <ErrorPage {...props} />
    </main>
  );
}
