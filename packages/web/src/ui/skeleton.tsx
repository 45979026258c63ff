import { classNames } from "./class-names.tsx";

function Bar({ className }: { className: string }) {
  return <div className={classNames("animate-pulse rounded-md bg-sunken", className)} />;
}

/**
 * Stands in for a page while it is loaded: in its shape, so that nothing jumps when it arrives, and only after a moment, so that a page
 * which comes at once does not flicker.
 */
export function PageSkeleton({ label, rows = 4 }: { label: string; rows?: number }) {
  return (
    <div className="animate-late space-y-8">
      <p role="status" className="sr-only">
        {label}
      </p>
      <div aria-hidden="true" className="space-y-3">
        <Bar className="h-8 w-56 max-w-full" />
        <Bar className="h-5 w-96 max-w-full" />
      </div>
      <div aria-hidden="true" className="space-y-px overflow-hidden rounded-xl border border-line bg-surface">
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never change
          <div key={row} className="flex items-center justify-between gap-6 p-5">
            <Bar className="h-5 w-48" />
            <Bar className="h-5 w-24" />
          </div>
        ))}
      </div>
    </div>
  );
}
