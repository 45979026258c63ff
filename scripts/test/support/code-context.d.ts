import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { forTenant } from "@openhouse/db/client";
import type * as openhouse from "@openhouse/db/schema";
import type { Pool } from "@openhouse/pool";
import type { DrizzleOverPool } from "@openhouse/pool/drizzle";
import type pg from "pg";
import type vitest from "vitest";

type Own = ReturnType<typeof forTenant>;
type Drizzled = DrizzleOverPool<typeof openhouse>;

/** What the pages' blocks of code take for granted: what their readers have, or an earlier block has made. */
declare global {
  const pool: Pool;
  const client: pg.Client;
  const session: { readonly tenantId: string };
  const id: string;
  const tenantId: string;
  const userId: string;
  const signal: AbortSignal;
  const expect: typeof vitest.expect;

  const schema: typeof openhouse;
  const developments: typeof openhouse.developments;
  const posts: typeof openhouse.documents;
  const notes: typeof openhouse.developments;
  const note: typeof openhouse.developments.$inferInsert;
  const visits: typeof openhouse.developments;
  const visit: typeof openhouse.developments.$inferInsert;

  const drizzled: Drizzled;
  const scoped: Drizzled["scoped"];
  const own: Own;
  const queries: [ReturnType<Own["execute"]>];

  /** Express', as far as it is used. */
  const app: {
    get(
      path: string,
      handle: (request: IncomingMessage, response: ServerResponse & ExpressReply) => unknown,
    ): void;
    listen(port: number): Server;
  };
  interface ExpressReply {
    type(name: string): this;
    send(body: string): this;
  }
}
