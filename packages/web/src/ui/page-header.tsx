import Link from "next/link";
import type { ReactNode } from "react";

interface PageHeaderProps {
  title: string;
  description?: ReactNode;
  /** The list this page was reached from. */
  back?: { href: string; label: string };
  /** A badge beside the title. */
  badge?: ReactNode;
  actions?: ReactNode;
}

/** The page's one `h1`, with the way back above it and what can be done beside it. */
export function PageHeader({ title, description, back, badge, actions }: PageHeaderProps) {
  return (
    <div className="space-y-2">
      {back !== undefined && (
        <Link
          href={back.href}
          className="-mx-1 inline-flex min-h-8 items-center gap-1 rounded px-1 text-sm font-medium text-accent hover:underline print:hidden"
        >
          <span aria-hidden="true">←</span> {back.label}
        </Link>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 space-y-1">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">{title}</h1>
            {badge}
          </div>
          {description !== undefined && <div className="max-w-2xl text-muted">{description}</div>}
        </div>
        {actions}
      </div>
    </div>
  );
}
