import { type EmbeddedPostgres, waitFor } from "@openhouse/pool-testing";
import type { RunningPortal } from "../support/portal.ts";

/** What the parts of portal.test.ts share. */
export interface Context {
  /** Belongs to this file alone, so it may be killed. */
  readonly server: EmbeddedPostgres;
  readonly databaseUrl: string;
  readonly portal: RunningPortal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export async function get(portal: RunningPortal, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(portal.url + path, { redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** As the portal's own page sends it, unless `headers` say otherwise. */
export function post(
  portal: RunningPortal,
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = { method: "POST", headers: { origin: portal.url, ...headers }, body: JSON.stringify(body) };
  return get(portal, path, init);
}

export async function answers(portal: RunningPortal, path: string, status: number): Promise<void> {
  await waitFor(async () => (await get(portal, path)).status === status, {
    timeoutMs: 15_000,
    what: `${path} to answer ${status}`,
  });
}
