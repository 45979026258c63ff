// Raw clients of two tenants through a pooler in transaction mode, until so many statements were sent; one line of JSON at the end.
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { openHammerSite } from "./hammer-site.ts";

const statements = Number(process.argv[2] ?? 1_000_000);
const server = await startEmbeddedPostgres({ name: `poolers-${process.pid}`, temporary: true });
process.env.TEST_DATABASE_URL = server.url;
try {
  const site = await openHammerSite();
  const report = await site.run("transaction", statements);
  await site.close();
  console.log(JSON.stringify(report));
  if (report.foreignRows + report.missed > 0 || report.refused === 0) process.exitCode = 1;
} finally {
  await server.stop("immediate");
}
