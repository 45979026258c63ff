import type { Device } from "@openhouse/db/queries/sessions";

// The first that fits: most browsers also claim to be those that stand below them.
const BROWSERS: readonly (readonly [name: string, mark: RegExp])[] = [
  ["Edge", /\bEdg(e|A|iOS)?\//],
  ["Opera", /\b(OPR|Opera)\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Headless)?(Chrome|Chromium|CriOS)\//],
  ["Safari", /\bSafari\//],
];
const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["Linux", /\bLinux\b/],
];
/** Real ones have some 200; the rest is somebody's who wants us to read. */
const MAX_LENGTH = 500;

/** Browser and system by their names, nothing that tells one person's from another's. */
export function deviceOf(userAgent: string | null): Device {
  const text = (userAgent ?? "").slice(0, MAX_LENGTH);
  const nameIn = (names: typeof BROWSERS) => names.find(([, mark]) => mark.test(text))?.[0] ?? null;
  return { browser: nameIn(BROWSERS), system: nameIn(SYSTEMS) };
}

/** "Chrome on Android", or as much of it as is known. */
export function deviceName({ browser, system }: Device): string {
  if (browser !== null && system !== null) return `${browser} on ${system}`;
  return browser ?? system ?? "A browser that does not say its name";
}
