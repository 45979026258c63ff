/** What the assistant is doing while there is nothing of it to read. */
export function Activity({ doing }: { doing: string }) {
  return (
    <p className="flex items-center gap-2.5 text-sm font-medium text-muted" data-testid="activity">
      <span aria-hidden="true" className="size-2.5 animate-pulse rounded-full bg-accent" />
      {doing}
    </p>
  );
}
