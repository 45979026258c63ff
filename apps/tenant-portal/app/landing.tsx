import { Wordmark } from "@openhouse/web/ui/wordmark";
import type { ReactNode } from "react";

/** The page that a code or a link leads to, before anybody is in. */
export function Landing({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Wordmark detail="For homeowners" />
      <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">{title}</h1>
      {children}
    </main>
  );
}
