import { escapeLiteral } from "pg";

/** One statement that makes settings for the rest of the session; empty where there are none. */
export function sessionSettingsSql(settings: Readonly<Record<string, string>> = {}): string {
  const calls = Object.entries(settings).map(
    ([name, value]) => `pg_catalog.set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, false)`,
  );
  return calls.length === 0 ? "" : `select ${calls.join(", ")}`;
}
