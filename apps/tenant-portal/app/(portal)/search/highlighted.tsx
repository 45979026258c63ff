import { Fragment } from "react";

/** Plain text with the parts that were found marked. */
export function Highlighted({
  excerpt,
  highlights,
}: {
  excerpt: string;
  highlights: readonly (readonly [start: number, end: number])[];
}) {
  return highlights.map(([start, end], at) => (
    <Fragment key={start}>
      {excerpt.slice(highlights[at - 1]?.[1] ?? 0, start)}
      <mark className="rounded-sm bg-caution-soft px-0.5 font-medium text-ink">
        {excerpt.slice(start, end)}
      </mark>
      {at === highlights.length - 1 && excerpt.slice(end)}
    </Fragment>
  ));
}
