/** Minute, hour, day of the month, month, day of the week: lowest and highest value. */
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;
const MINUTE_MS = 60_000;
/** Somewhat more than the longest that a date can be away: the 29th of February. */
const FURTHEST_MS = 8 * 366 * 24 * 60 * MINUTE_MS;

/**
 * When a cron expression of five fields comes true next, in UTC; numbers, lists, ranges and steps.
 *
 * @throws {RangeError} the expression says more, or never comes true.
 */
export function nextTime(expression: string, after: Date): Date {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) throw new RangeError(`"${expression}" is no cron of five fields`);
  const [minutes, hours, days, months, weekdays] = fields.map((field, index) => valuesOf(field, index));
  const eitherDay = fields[2] !== "*" && fields[4] !== "*";
  const start = Math.floor(after.getTime() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  for (let time = start; time < start + FURTHEST_MS; ) {
    const at = new Date(time);
    const inMonth = months?.has(at.getUTCMonth() + 1);
    const onDay = days?.has(at.getUTCDate());
    const onWeekday = weekdays?.has(at.getUTCDay());
    // Where both are given, either will do: so it has always been with cron.
    if (!inMonth || !(eitherDay ? onDay || onWeekday : onDay && onWeekday)) {
      time = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
    } else if (hours?.has(at.getUTCHours()) && minutes?.has(at.getUTCMinutes())) {
      return at;
    } else time += MINUTE_MS;
  }
  throw new RangeError(`"${expression}" never comes true`);
}

function valuesOf(field: string, index: number): Set<number> {
  const [lowest, highest] = FIELDS[index] ?? [0, 0];
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [, from, to, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    if (!/^(\*|\d+(-\d+)?)(\/[1-9]\d*)?$/.test(part)) throw new RangeError(`"${part}" is no part of a cron`);
    const first = from === undefined ? lowest : Number(from);
    const open = from === undefined || (to === undefined && step !== undefined);
    const last = open ? highest : Number(to ?? from);
    if (first < lowest || last > highest || first > last) throw new RangeError(`"${part}" is out of bounds`);
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
