import type { ReactNode } from "react";
import { Outline, type OutlineProps } from "./outline.tsx";

// Each sign has an outline of its own, so that it can be told from the others without its colour.
function Sign({ className = "size-4", children }: OutlineProps & { children: ReactNode }) {
  return (
    <Outline grid={16} className={className}>
      {children}
    </Outline>
  );
}

/** A circle with a tick. */
export function GoodSign({ className }: OutlineProps) {
  return (
    <Sign className={className}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="m5.2 8.2 2 2 3.6-4.2" />
    </Sign>
  );
}

/** A triangle with an exclamation mark. */
export function CautionSign({ className }: OutlineProps) {
  return (
    <Sign className={className}>
      <path d="M8 1.8 15 14H1z" />
      <path d="M8 6.4v3.4M8 11.9v.1" />
    </Sign>
  );
}

/** An octagon with a cross. */
export function ErrorSign({ className }: OutlineProps) {
  return (
    <Sign className={className}>
      <path d="M5.3 1.6h5.4l3.7 3.7v5.4l-3.7 3.7H5.3l-3.7-3.7V5.3z" />
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />
    </Sign>
  );
}

/** A square with an arrow that leaves it downwards. */
export function DrainingSign({ className }: OutlineProps) {
  return (
    <Sign className={className}>
      <path d="M5 1.8H1.8v12.4h12.4V1.8H11" />
      <path d="M8 1.2v8.6m-3-3 3 3 3-3" />
    </Sign>
  );
}

/** A dashed circle: not known yet. */
export function UnknownSign({ className }: OutlineProps) {
  return (
    <Sign className={className}>
      <circle cx="8" cy="8" r="6.4" strokeDasharray="2.2 2.6" />
    </Sign>
  );
}
