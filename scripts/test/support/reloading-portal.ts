import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findFreePort, repositoryRoot } from "@openhouse/pool-testing";
import { CheckoutTree } from "@openhouse/tooling/portals/checkout-tree";
import { RunningPortal } from "@openhouse/tooling/portals/running-portal";

const PORTAL = "packages/web/test/fixture-portal";
const STARTED_WITHIN_MS = 120_000;

/** What a developer saves: the module that everybody imports, the one that makes the pool, a route of the portal. */
const SAVED = {
  client: "packages/db/src/client.ts",
  resources: "packages/db/src/resources.ts",
  route: `${PORTAL}/app/api/hot-reload/route.ts`,
};

/** Added to the copy, so that each answer tells which version of each file gave it. */
const ADDED = {
  [SAVED.resources]: `
export const RESOURCES_SAVED = 0;
`,
  [SAVED.client]: `
export { RESOURCES_SAVED } from "./resources.ts";
export const CLIENT_SAVED = 0;
`,
  [`${PORTAL}/app/answer.ts`]: `
import { CLIENT_SAVED, db, getPoolStats, RESOURCES_SAVED } from "@openhouse/db/client";

/** Keeps a connection as long as somebody else has this advisory lock. */
export async function answer(lock) {
  const pid = await db.transaction(async (tx) => {
    await tx.execute(\`select pg_advisory_xact_lock_shared(\${lock})\`);
    return (await tx.execute("select pg_backend_pid() as pid")).rows[0].pid;
  });
  return \`client=\${CLIENT_SAVED} resources=\${RESOURCES_SAVED} max=\${getPoolStats().max} pid=\${pid}\`;
}
`,
  [SAVED.route]: `
import { answer } from "../../answer.ts";

const ROUTE_SAVED = 0;

export async function GET(request) {
  const lock = new URL(request.url).searchParams.get("lock");
  return new Response(\`\${await answer(lock)} route=\${ROUTE_SAVED}\`);
}
`,
  // Next bundles what pages import a second time, with module state of its own.
  [`${PORTAL}/app/hot-reload/page.tsx`]: `
import { answer } from "../answer.ts";

export const dynamic = "force-dynamic";

export default async function Page({ searchParams }) {
  return <p>{await answer((await searchParams).lock)}</p>;
}
`,
};

export type ReloadingPortal = Awaited<ReturnType<typeof startReloadingPortal>>;

/**
 * The fixture portal under `next dev`, as `npm run dev` starts the portals, in a copy of the checkout in which files
 * can be saved.
 */
export async function startReloadingPortal(databaseUrl: string, settings: Record<string, number>) {
  const tree = new CheckoutTree(repositoryRoot(), "openhouse-hot-reload-");
  const pathOf = (path: string) => join(tree.directory, path);
  const read = (path: string) => (existsSync(pathOf(path)) ? readFileSync(pathOf(path), "utf8") : "");
  /** By renaming, as many editors save: nobody finds half of a file. */
  const write = (path: string, text: string) => {
    mkdirSync(dirname(pathOf(path)), { recursive: true });
    writeFileSync(pathOf("draft"), text);
    renameSync(pathOf("draft"), pathOf(path));
  };
  /** In the `.env` at the root, or in the portal's own, which hides that one, and which Next itself watches. */
  const saveSettings = (where: "root" | "portal", saved: Record<string, number>) => {
    const lines = Object.entries(saved).map(([name, value]) => `${name}=${value}\n`);
    write(where === "root" ? ".env" : `${PORTAL}/.env`, lines.join(""));
  };

  const output: string[] = [];
  let saves = 0;
  let running: RunningPortal | undefined;
  const stop = async () => {
    await running?.stop("SIGTERM");
    tree.remove();
  };
  try {
    for (const [path, lines] of Object.entries(ADDED)) write(path, read(path) + lines);
    saveSettings("root", settings);
    const port = await findFreePort();
    running = await startNext(pathOf(PORTAL), port, databaseUrl, (line) => output.push(line));
    await running.untilHealthy(STARTED_WITHIN_MS, new AbortController().signal);
    return {
      url: `http://127.0.0.1:${port}`,
      saveSettings,
      /** @returns the number that answers of what was saved tell. */
      save(file: keyof typeof SAVED): number {
        saves += 1;
        write(SAVED[file], read(SAVED[file]).replace(/(const \w+_SAVED = )\d+/, `$1${saves}`));
        return saves;
      },
      output: () => output.join("\n"),
      stop,
    };
  } catch (cause) {
    await stop();
    throw new Error(`the portal did not start under next dev. It said:\n${output.join("\n")}`, { cause });
  }
}

function startNext(
  directory: string,
  port: number,
  databaseUrl: string,
  say: (line: string) => void,
): Promise<RunningPortal> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env: NodeJS.ProcessEnv = {
    PATH,
    HOME,
    TMPDIR,
    NODE_ENV: "development",
    // Next lets a variable that is set here win over every `.env`.
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: "the secret of a portal that is there to be reloaded",
  };
  const names = { name: "developer-portal", title: "Fixture portal", portVariable: "PORT" } as const;
  return RunningPortal.start(
    "dev",
    { ...names, directory, port, address: `http://localhost:${port}` },
    env,
    say,
  );
}
