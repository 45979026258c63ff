import type { ReactNode } from "react";

/** Of the pattern that fills the idle connections; the chart and its legend share it. */
export const HATCHING_ID = "idle-hatching";

/** Stripes, so that idle and used are told apart without their colours. */
export function Hatching() {
  return (
    <pattern
      id={HATCHING_ID}
      width="6"
      height="6"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <rect width="6" height="6" fill="var(--idle)" fillOpacity="0.18" />
      <rect width="2" height="6" fill="var(--idle)" fillOpacity="0.75" />
    </pattern>
  );
}

/** Names of the three figures beside what they look like in the chart. */
export function ChartLegend() {
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-6 gap-y-2 text-sm">
      <li className="inline-flex items-center gap-2">
        <Swatch>
          <rect width="22" height="14" rx="2" fill="var(--accent)" fillOpacity="0.85" />
        </Swatch>
        In use
      </li>
      <li className="inline-flex items-center gap-2">
        <Swatch>
          <rect width="22" height="14" rx="2" fill={`url(#${HATCHING_ID})`} stroke="var(--idle)" />
        </Swatch>
        Idle
      </li>
      <li className="inline-flex items-center gap-2">
        <Swatch>
          <path d="M0 7h22" stroke="var(--caution)" strokeWidth="2.5" strokeDasharray="6 3" />
        </Swatch>
        Waiting (requests)
      </li>
    </ul>
  );
}

function Swatch({ children }: { children: ReactNode }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 22 14" className="h-3.5 w-5.5 shrink-0 overflow-visible">
      {children}
    </svg>
  );
}
