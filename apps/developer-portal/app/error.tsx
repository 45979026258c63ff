"use client";

import { Problem, type ProblemProps } from "@openhouse/web/ui/problem";
import { Wordmark } from "@openhouse/web/ui/wordmark";

export default function PageProblem(props: ProblemProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center gap-8 px-5 py-12">
      <Wordmark />
      <Problem {...props} />
    </main>
  );
}
