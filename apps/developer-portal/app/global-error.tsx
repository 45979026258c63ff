"use client";

import { Problem, type ProblemProps } from "@openhouse/web/ui/problem";
import "./globals.css";

/** Stands in for the root layout when that itself fails, so it brings a document and styles of its own. */
export default function GlobalProblem(props: ProblemProps) {
  return (
    <html lang="en-GB">
      <body>
        <title>Something went wrong · OpenHouse</title>
        <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center px-5 py-12">
          <Problem {...props} />
        </main>
      </body>
    </html>
  );
}
