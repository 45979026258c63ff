"use client";

import { ErrorPage, type ErrorPageProps } from "@openhouse/web/ui/error-page";
import "./globals.css";

/** Stands in for the root layout when that itself fails, so it brings a document and styles of its own. */
export default function GlobalError(props: ErrorPageProps) {
  return (
    <html lang="en-GB">
      <body>
        <title>Something went wrong · OpenHouse</title>
        <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center px-5 py-12">
          <ErrorPage {...props} />
        </main>
      </body>
    </html>
  );
}
