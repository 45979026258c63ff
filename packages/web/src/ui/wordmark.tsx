/** The house with its door open. Decoration: the name beside it is what is read out. */
export function Mark({ className = "size-7" }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        fillRule="evenodd"
        d="M16 6.6 26.4 16h-2.9v9h-15v-9H5.6zM13.4 17.6V25h5.6v-7.4z"
        className="fill-on-accent"
      />
      <path d="m13.4 17.6 3.4 1.6V26.6L13.4 25z" className="fill-on-accent" />
    </svg>
  );
}

/** The name of the product with its mark; `detail` says which portal, or whose. */
export function Wordmark({ detail }: { detail?: string | undefined }) {
  return (
    <span className="inline-flex items-center gap-2.5">
      <Mark />
      <span className="flex flex-col leading-tight">
        <span className="text-base font-semibold tracking-tight">OpenHouse</span>
        {detail !== undefined && <span className="text-xs text-muted">{detail}</span>}
      </span>
    </span>
  );
}
