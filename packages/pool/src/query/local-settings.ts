/** Settings that hold for one transaction only, such as `{ "app.tenant_id": "…" }`. */
export type TransactionSettings = Readonly<Record<string, string>>;

/** A statement that travels in front of another one, or behind it. */
export interface Prelude {
  readonly text: string;
  readonly values: readonly string[];
}

/** The text that makes so many settings: one for every number of them, however many scopes there are. */
const texts: string[] = [];

/** One statement that makes all of a scope's settings, until the end of the transaction it runs in. None for no settings. */
export function settingsStatement(scope: TransactionSettings | undefined): Prelude | undefined {
  if (scope === undefined) return undefined;
  const values: string[] = [];
  for (const name in scope) values.push(name, scope[name] ?? "");
  const count = values.length / 2;
  if (count === 0) return undefined;
  texts[count] ??= textFor(count);
  return { text: texts[count], values };
}

function textFor(count: number): string {
  const calls = Array.from(
    { length: count },
    (_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`,
  );
  return `select ${calls.join(", ")}`;
}
