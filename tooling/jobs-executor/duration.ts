const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * How long to wait, in milliseconds: a duration as the SDK writes it ("10m", "1h30m"), or a point in time in ISO 8601.
 *
 * @throws {RangeError} it is neither.
 */
export function waitMs(text: string, nowMs: number): number {
  if (/^(\d+[a-z]+)+$/.test(text)) {
    let total = 0;
    for (const [, count, unit] of text.matchAll(/(\d+)([a-z]+)/g)) {
      const unitMs = UNITS_MS[unit ?? ""];
      if (unitMs === undefined) throw new RangeError(`"${text}" is no duration`);
      total += Number(count) * unitMs;
    }
    return total;
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new RangeError(`"${text}" is neither a duration nor a time`);
  return Math.max(0, at - nowMs);
}
