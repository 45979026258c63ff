import { type ReactNode, useId } from "react";

interface SectionProps {
  title: string;
  /** One sentence under the title. */
  description?: ReactNode;
  /** Buttons that belong to the whole section. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page under a heading of its own, which a screen reader can jump to. */
export function Section({ title, description, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="space-y-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0">
          <h2 id={id} className="text-lg font-semibold tracking-tight">
            {title}
          </h2>
          {description !== undefined && <p className="mt-0.5 text-sm text-muted">{description}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
