import { randomUUID } from "node:crypto";
import { migrate } from "@openhouse/db/migrate";
import { asSuperuser, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { library, randomNumbers } from "./support/search/library.ts";

const USAGE = `node --import tsx scripts/measure-search.ts [DEVELOPMENTS] [DOCUMENTS]
  DEVELOPMENTS  that are made and searched [20]
  DOCUMENTS     of each [200]`;
const SEARCHES = 2_000;
const CONCURRENT = [1, 8];
const PAGE = { limit: 10, offset: 0 };

/** Fills a database of its own with developments of documents, then searches them, one caller at a time and several. */
await main(async () => {
  const asked = readSizes();
  const postgres = await startEmbeddedPostgres({ name: "search", temporary: true });
  try {
    const app = new URL(postgres.url);
    app.username = "openhouse_app";
    app.password = randomUUID();
    await migrate({ ownerUrl: postgres.url, appUrl: app.href });
    Object.assign(process.env, { DATABASE_URL: app.href, DATABASE_URL_OWNER: postgres.url });
    await measure(postgres.url, asked);
  } finally {
    await postgres.stop();
  }
  return 0;
});

interface Sizes {
  readonly developments: number;
  readonly documentsEach: number;
}

function readSizes(): Sizes {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const [developments, documentsEach] = ["20", "200"].map((usual, at) => positionals[at] ?? usual);
  const isCount = (text: string | undefined) => /^[1-9]\d{0,3}$/.test(text ?? "");
  if (!isCount(developments) || !isCount(documentsEach) || positionals.length > 2)
    throw new UserError(`"${positionals.join(" ")}" are no two numbers from 1 to 9999\n${USAGE}`);
  return { developments: Number(developments), documentsEach: Number(documentsEach) };
}

async function measure(serverUrl: string, { developments: count, documentsEach }: Sizes): Promise<void> {
  const { closePool, forTenant } = await import("@openhouse/db/client");
  const { addDocument, indexDocument } = await import("@openhouse/db/queries/documents");
  const { searchDocuments } = await import("@openhouse/db/queries/document-search");
  const tenantId = randomUUID();
  const developments = await addDevelopments(serverUrl, tenantId, count);
  const db = forTenant(tenantId);
  const books = library(randomNumbers(1));

  const writes: number[] = [];
  for (const developmentId of developments) {
    for (let made = 0; made < documentsEach; made++) {
      const { title, body } = books.document();
      const document = {
        developmentId,
        title,
        body,
        fileName: "m.md",
        mediaType: "text/markdown",
        uploadedBy: null,
      } as const;
      writes.push(await timed(async () => indexDocument(db, await addDocument(db, document))));
    }
  }
  await asSuperuser(serverUrl, (client) => client.query("vacuum analyze"));
  console.log(
    `${await sizes(serverUrl)}\nstoring and indexing a document: ${figures(writes).join(" / ")} ms (p50 / p95 / p99 / max)\n`,
  );

  const rows: (string | number)[][] = [];
  for (const concurrent of CONCURRENT) {
    const byKind = new Map<string, number[]>();
    const queries = Array.from({ length: SEARCHES }, (_, at) => ({
      ...books.query(),
      developmentId: developments[at % developments.length] ?? "",
    }));
    const search = async (): Promise<void> => {
      for (let next = queries.pop(); next !== undefined; next = queries.pop()) {
        const { kind, text: query, developmentId } = next;
        const tookMs = await timed(() => searchDocuments(db, { developmentId, query, ...PAGE }));
        for (const name of [kind, "all"]) byKind.set(name, [...(byKind.get(name) ?? []), tookMs]);
      }
    };
    await Promise.all(Array.from({ length: concurrent }, search));
    for (const [kind, took] of [...byKind].sort())
      rows.push([concurrent, kind, took.length, ...figures(took)]);
  }
  console.log(table(["at once", "query", "searches", "p50 ms", "p95 ms", "p99 ms", "max ms"], rows));
  await closePool();
}

async function addDevelopments(serverUrl: string, tenantId: string, count: number): Promise<string[]> {
  return asSuperuser(serverUrl, async (client) => {
    await client.query("insert into tenants (tenant_id, name, slug) values ($1, 'Measured', 'measured')", [
      tenantId,
    ]);
    const { rows } = await client.query<{ id: string }>(
      "insert into developments (tenant_id, name, address, stage) select $1, 'D' || n, '-', 'building' from generate_series(1, $2) n returning id",
      [tenantId, count],
    );
    return rows.map(({ id }) => id);
  });
}

async function sizes(serverUrl: string): Promise<string> {
  return asSuperuser(serverUrl, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select format('%s: %s rows, %s and %s of indexes', relname, reltuples, pg_size_pretty(pg_table_size(oid)), pg_size_pretty(pg_indexes_size(oid))) as line
        from pg_class where relname in ('documents', 'document_chunks', 'document_terms', 'development_words') order by relname`);
    return rows.map(({ line }) => line).join("\n");
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function figures(took: readonly number[]): string[] {
  const sorted = took.toSorted((one, other) => one - other);
  return [0.5, 0.95, 0.99, 1].map((share) => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(1));
}
