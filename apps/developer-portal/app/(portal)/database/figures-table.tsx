import { range, type Sample } from "./samples.ts";

const FIGURES: readonly { name: string; meaning: string; read: (sample: Sample) => number; unit?: string }[] =
  [
    {
      name: "In use",
      meaning: "held by a request, or being opened",
      read: ({ used }) => used,
    },
    { name: "Idle", meaning: "open and free", read: ({ idle }) => idle },
    { name: "Open", meaning: "in use and idle together", read: ({ used, idle }) => used + idle },
    { name: "Waiting", meaning: "requests in the queue", read: ({ waiting }) => waiting },
    {
      name: "Latency",
      meaning: "of the last probe",
      read: ({ latencyMs }) => latencyMs,
      unit: "ms",
    },
  ];

/** The figures as numbers, with what they were at their lowest and highest. */
export function FiguresTable({ samples, now }: { samples: readonly Sample[]; now: Sample }) {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">
        Figures of the connection pool, now and over the last three minutes
      </caption>
      <thead>
        <tr className="border-b border-line text-xs text-muted">
          <th scope="col" className="py-2 text-left font-semibold">
            Figure
          </th>
          {["Now", "Lowest", "Highest"].map((heading) => (
            <th key={heading} scope="col" className="py-2 pl-4 text-right font-semibold">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="tabular-nums">
        {FIGURES.map(({ name, meaning, read, unit }) => {
          const { lowest, highest } = range(samples, read);
          return (
            <tr key={name} className="border-b border-line last:border-0">
              <th scope="row" className="py-2.5 text-left font-medium">
                {name}
                {unit !== undefined && <span className="font-normal text-muted"> ({unit})</span>}
                <span className="block text-xs font-normal text-muted">{meaning}</span>
              </th>
              <td className="pl-4 text-right text-base font-semibold" data-figure={name.toLowerCase()}>
                {read(now)}
              </td>
              <td className="pl-4 text-right text-muted">{lowest}</td>
              <td className="pl-4 text-right text-muted">{highest}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
