import type { ReactNode } from "react";
import { Outline, type OutlineProps } from "./outline.tsx";

// Each icon has an outline of its own, so that it can be told from the others without its colour.
function Icon({ className = "size-4", children }: OutlineProps & { children: ReactNode }) {
  return (
    <Outline grid={16} className={className}>
      {children}
    </Outline>
  );
}

/** A circle with a tick. */
export function GoodIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="m5.2 8.2 2 2 3.6-4.2" />
    </Icon>
  );
}

/** A triangle with an exclamation mark. */
export function CautionIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M8 1.8 15 14H1z" />
      <path d="M8 6.4v3.4M8 11.9v.1" />
    </Icon>
  );
}

/** An octagon with a cross. */
export function ErrorIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M5.3 1.6h5.4l3.7 3.7v5.4l-3.7 3.7H5.3l-3.7-3.7V5.3z" />
      <path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />
    </Icon>
  );
}

/** A dashed circle: nothing is known. */
export function UnknownIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <circle cx="8" cy="8" r="6.4" strokeDasharray="2.2 2.6" />
    </Icon>
  );
}
