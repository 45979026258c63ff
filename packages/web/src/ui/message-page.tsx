import type { ReactNode } from "react";
import { Wordmark } from "./wordmark.tsx";

interface MessagePageProps {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}

/** A page of its own with one message: what is not there, what went wrong. For use outside the shell. */
export function MessagePage({ title, children, actions }: MessagePageProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center gap-8 px-5 py-12">
      <Wordmark />
      <Message title={title} actions={actions}>
        {children}
      </Message>
    </main>
  );
}

/** The same message inside the shell, in place of a page's content. */
export function Message({ title, children, actions }: MessagePageProps) {
  return (
    <div className="max-w-lg space-y-3">
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      <div className="space-y-2 text-muted">{children}</div>
      {actions !== undefined && <div className="flex flex-wrap gap-3 pt-3">{actions}</div>}
    </div>
  );
}
