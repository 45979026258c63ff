import type { ReactNode } from "react";

interface EmptyStateProps {
  title: string;
  /** Why there is nothing here, and what would change that. */
  children: ReactNode;
  action?: ReactNode;
}

/** What stands where a list would be when there is nothing to list. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="rounded-xl border border-dashed border-edge px-6 py-10 text-center">
      <p className="font-semibold">{title}</p>
      <div className="mx-auto mt-1 max-w-md text-sm text-muted">{children}</div>
      {action !== undefined && <div className="mt-5">{action}</div>}
    </div>
  );
}
