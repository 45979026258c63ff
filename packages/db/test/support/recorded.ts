import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import type { Database } from "../../src/database.ts";
import * as schema from "../../src/schema/index.ts";
import { actAsTenant } from "../../src/signing.ts";
import { asTenant, testSigning } from "./tenants.ts";

export interface Statement {
  text: string;
  params: unknown[];
}

/** What `work` sends as the tenant, transaction control left out. All of it is rolled back. */
export async function recorded(
  client: pg.Client,
  tenantId: string | null,
  work: (db: Database) => Promise<unknown>,
): Promise<Statement[]> {
  const statements: Statement[] = [];
  let recording = false;
  const logger = {
    logQuery(text: string, params: unknown[]) {
      const controls = /^(begin|commit|rollback|savepoint|release)\b/i.test(text);
      if (recording && !controls) statements.push({ text, params });
    },
  };
  await rolledBack(drizzle(client, { schema, logger }), async (tx) => {
    if (tenantId !== null) await actAsTenant(client, tenantId, testSigning());
    recording = true;
    await work(tx);
    recording = false;
  });
  return statements;
}

async function rolledBack(db: Database, work: (tx: Database) => Promise<void>): Promise<void> {
  const done = new Error("done");
  try {
    await db.transaction(async (tx) => {
      await work(tx);
      throw done;
    });
  } catch (error) {
    if (error !== done) throw error;
  }
}

interface PlanNode {
  "Relation Name"?: string;
  "Node Type": string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: PlanNode[];
}

/**
 * How many rows the statement looks at in each table, whether it wants them or not. Nothing it does is kept.
 * Sequential scans are made unattractive, since whether one pays depends on how many tenants there are;
 * a statement that no index serves makes one all the same, and shows.
 */
export async function rowsTouched(
  client: pg.Client,
  tenantId: string | null,
  { text, params }: Statement,
): Promise<Record<string, number>> {
  const touched: Record<string, number> = {};
  const walk = (node: PlanNode) => {
    const table = node["Relation Name"];
    if (table !== undefined && node["Node Type"].includes("Scan")) {
      const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
      touched[table] =
        (touched[table] ?? 0) + Math.ceil((node["Actual Rows"] + removed) * node["Actual Loops"]);
    }
    for (const child of node.Plans ?? []) walk(child);
  };
  await asTenant(client, tenantId, async () => {
    await client.query("set local enable_seqscan = off");
    const { rows } = await client.query<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
      `explain (analyze, timing off, format json) ${text}`,
      params,
    );
    for (const { Plan } of rows[0]?.["QUERY PLAN"] ?? []) walk(Plan);
  });
  return touched;
}
