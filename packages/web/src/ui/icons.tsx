import type { ReactNode } from "react";
import { Outline, type OutlineProps } from "./outline.tsx";

function Icon({ className = "size-5", children }: OutlineProps & { children: ReactNode }) {
  return (
    <Outline grid={20} className={className}>
      {children}
    </Outline>
  );
}

/** Three lines, as of a list. */
export function ListIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M3.5 5.5h13m-13 4.5h13m-13 4.5h8" />
    </Icon>
  );
}

/** A plus. */
export function PlusIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M10 4v12m-6-6h12" />
    </Icon>
  );
}

/** A pencil. */
export function PencilIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="m4 16 .8-3.6 8.4-8.4a1.8 1.8 0 0 1 2.6 0l.2.2a1.8 1.8 0 0 1 0 2.6l-8.4 8.4zm7.6-10.4 2.8 2.8" />
    </Icon>
  );
}

/** A bin. */
export function BinIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M3.5 5.5h13M8 5.5v-2h4v2m3 0-.7 11H5.7L5 5.5m3.3 3.4v4.4m3.4-4.4v4.4" />
    </Icon>
  );
}

/** An arrow upwards. */
export function SendIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M10 16V4.5m-5 5 5-5 5 5" />
    </Icon>
  );
}

/** An arrow downwards. */
export function DownIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M10 4v11.5m-5-5 5 5 5-5" />
    </Icon>
  );
}

/** A filled square. */
export function StopIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <rect x="5" y="5" width="10" height="10" rx="1.5" fill="currentColor" stroke="none" />
    </Icon>
  );
}

/** A cross. */
export function CloseIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="m5 5 10 10M15 5 5 15" />
    </Icon>
  );
}

/** A sheet of paper with a folded corner. */
export function DocumentIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <path d="M5 2.8h6.5L15 6.3v10.9H5zm6.3.2v3.5h3.5M7.6 10h4.8m-4.8 3.2h4.8" />
    </Icon>
  );
}

/** A magnifying glass. */
export function SearchIcon({ className }: OutlineProps) {
  return (
    <Icon className={className}>
      <circle cx="9" cy="9" r="5.2" />
      <path d="m13 13 4 4" />
    </Icon>
  );
}
