import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";

/** A surface that holds one thing. */
export function Card({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div
      className={classNames(
        "rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6 print:shadow-none",
        className,
      )}
    >
      {children}
    </div>
  );
}
