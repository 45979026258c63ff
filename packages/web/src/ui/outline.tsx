import type { ReactNode } from "react";

export interface OutlineProps {
  className?: string | undefined;
}

/**
 * A drawing in lines of the text's colour. Decoration: what it stands beside, or the button that holds it, has a name of
 * its own.
 *
 * @param grid the drawing's width and height, in its own units.
 */
export function Outline({ grid, className, children }: OutlineProps & { grid: number; children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${grid} ${grid}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={className}
    >
      {children}
    </svg>
  );
}
