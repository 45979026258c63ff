// What is added to the copy of the checkout. Each answer names the versions of the files that gave it.

export const RESOURCES_LINES = `
export const RESOURCES_SAVED = 0;
`;

export const CLIENT_LINES = `
export { RESOURCES_SAVED } from "./resources.ts";
export const CLIENT_SAVED = 0;
`;

/** Uses the pool for a moment; with \`lock\` it keeps a transaction open until it gets that lock. */
export const ROUTE = `import { CLIENT_SAVED, db, getPoolStats, RESOURCES_SAVED } from "@openhouse/db/client";

const ROUTE_SAVED = 0;

export async function GET(request: Request): Promise<Response> {
  const lock = Number(new URL(request.url).searchParams.get("lock"));
  if (lock > 0) {
    const pid = await db.transaction(async (tx) => {
      await tx.execute(\`select pg_advisory_xact_lock(\${lock})\`);
      const { rows } = await tx.execute("select pg_backend_pid() as pid");
      return rows[0]?.pid;
    });
    return new Response(\`pid=\${pid}\`);
  }
  await db.execute("select pg_sleep(0.02)");
  return new Response(
    \`client=\${CLIENT_SAVED} resources=\${RESOURCES_SAVED} route=\${ROUTE_SAVED} max=\${getPoolStats().max}\`,
  );
}
`;

/** Next bundles what pages import a second time, with module state of its own. */
export const PAGE = `import { CLIENT_SAVED, db, getPoolStats, RESOURCES_SAVED } from "@openhouse/db/client";

export const dynamic = "force-dynamic";

export default async function HotReloadPage() {
  await db.execute("select pg_sleep(0.02)");
  return <p>{\`client=\${CLIENT_SAVED} resources=\${RESOURCES_SAVED} max=\${getPoolStats().max}\`}</p>;
}
`;
