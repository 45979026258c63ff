import { environment } from "@openhouse/db/client";

let fromFile: Record<string, string | undefined> | undefined;

/**
 * A setting of the portals: of the environment, or else of the nearest `.env`, which Next does not look for
 * above the portal's folder. The file is read once, at the first need; `next build` needs none.
 */
export function setting(name: string): string | undefined {
  const own = process.env[name];
  if (own !== undefined) return own;
  fromFile ??= environment();
  return fromFile[name];
}
