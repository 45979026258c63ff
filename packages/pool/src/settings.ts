/** Settings that hold for one transaction only, such as `{ "app.tenant_id": "…" }`. */
export type Scope = Readonly<Record<string, string>>;

/** A statement that travels in front of another one, or behind it. */
export interface Companion {
  readonly text: string;
  readonly values: readonly string[];
}

/** One statement that makes all of a scope's settings, until the end of the transaction it runs in. None for no settings. */
export function settingsStatement(scope: Scope | undefined): Companion | undefined {
  const settings = Object.entries(scope ?? {});
  if (settings.length === 0) return undefined;
  const calls = settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  return { text: `select ${calls.join(", ")}`, values: settings.flat() };
}
