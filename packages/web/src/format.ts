const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const COUNT = new Intl.NumberFormat("en-GB");

/** A day such as "21 Nov 2026", the same on every server whatever its time zone. Takes a `Date` or "2026-11-21". */
export function formatDay(day: Date | string): string {
  return DAY.format(typeof day === "string" ? new Date(`${day}T00:00:00Z`) : day);
}

/** A day and time such as "21 Nov 2026, 14:05 UTC". */
export function formatMoment(moment: Date): string {
  return `${MOMENT.format(moment)} UTC`;
}

/** A count with its thousands apart: "1,250". */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** A number of things with its noun: "1 unit", "12 units". */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A size for people: "812 B", "14 KB", "1.2 MB", in units of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** An onboarding code in groups of five, as it is read from paper: "7K2QD-9XW4M-…". Typing it with or without the dashes works. */
export function formatOnboardingCode(code: string): string {
  return code.match(/.{1,5}/g)?.join("-") ?? code;
}

/** How long to wait, rounded up: "a moment", "40 seconds", "a minute", "12 minutes", "5 hours". */
export function formatWait(seconds: number): string {
  if (seconds < 5) return "a moment";
  if (seconds < 60) return `${Math.ceil(seconds)} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  const hours = Math.ceil(seconds / 3600);
  return hours === 1 ? "an hour" : `${hours} hours`;
}
