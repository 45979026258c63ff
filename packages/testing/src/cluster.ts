import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeOpenDirectory } from "./base-directory.ts";
import type { Binaries } from "./binaries.ts";
import { EmbeddedPostgresError } from "./embedded-error.ts";
import { placeFile } from "./server-files.ts";
import { giveTo, type ServerUser, spawnIdentity } from "./server-user.ts";

/** Where the parts of one cluster lie. All but the data belongs to us, not to the server's user. */
export interface ClusterPaths {
  readonly directory: string;
  readonly data: string;
  readonly password: string;
  readonly port: string;
  readonly launcher: string;
  readonly log: string;
}

export function clusterPaths(directory: string): ClusterPaths {
  return {
    directory,
    data: join(directory, "data"),
    password: join(directory, "superuser-password"),
    port: join(directory, "port"),
    launcher: join(directory, "launcher.json"),
    log: join(directory, "server.log"),
  };
}

/**
 * Makes a cluster: data and the superuser's random password beside it. Both come into place by one
 * rename, so there is never a cluster without its password, nor one that initdb was killed in.
 * The caller holds the cluster's lock: that is why drafts found here belong to nobody.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_START`: initdb failed; the message ends with what it said.
 */
export async function createCluster(
  directory: string,
  binaries: Binaries,
  user: ServerUser,
  { durable }: { durable: boolean },
): Promise<void> {
  const prefix = `${basename(directory)}.draft-`;
  for (const name of readdirSync(dirname(directory))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(directory), name), { recursive: true, force: true });
  }
  const draft = makeOpenDirectory(join(dirname(directory), prefix + randomUUID()));
  try {
    const paths = clusterPaths(draft);
    const password = randomBytes(24).toString("base64url");
    placeFile(paths.password, password);
    mkdirSync(paths.data);
    chmodSync(paths.data, 0o700);
    giveTo(user, paths.data);

    const passwordForInitdb = join(draft, "initdb-password");
    placeFile(passwordForInitdb, password, user);
    try {
      await initdb(binaries, user, paths.data, passwordForInitdb, durable);
    } finally {
      rmSync(passwordForInitdb, { force: true });
    }
    appendFileSync(join(paths.data, "postgresql.conf"), "\ninclude 'openhouse.conf'\n");
    renameSync(draft, directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Refuses data that another major version wrote, before the server does it in its own words.
 *
 * @throws {EmbeddedPostgresError} `POSTGRES_DATA_VERSION`
 */
export function assertSameVersion(paths: ClusterPaths, binaries: Binaries): void {
  const version = readFileSync(join(paths.data, "PG_VERSION"), "utf8").trim();
  if (version === binaries.majorVersion) return;
  throw new EmbeddedPostgresError(
    "POSTGRES_DATA_VERSION",
    `${paths.data} was written by PostgreSQL ${version}, and the server installed is PostgreSQL ${binaries.majorVersion}. ` +
      "Start afresh without that directory (in OpenHouse: `npm run db:reset`), or install the earlier version to get the data out.",
  );
}

/** What the server's programs see of our environment: little, as PGDATA, PGPORT or TZ would change what they do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV, PATH } = process.env; // NODE_ENV is for the types: Next makes it a must
  return { NODE_ENV, PATH, LC_ALL: "C" };
}

function initdb(
  binaries: Binaries,
  user: ServerUser,
  data: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const version = Number(binaries.majorVersion);
  const args = [
    ...["-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8"],
    // The same order and case rules on every machine, whatever locales it has. Before 17 there is C alone, which takes
    // letters beyond ASCII as they are.
    ...["--locale=C", "--no-instructions"],
    ...(version >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : []),
    // Disposable servers hold nothing worth guarding, and tests sign in thousands of times.
    ...(durable ? [] : ["--no-sync"]),
    ...(durable || version < 16 ? [] : ["--set=scram_iterations=1"]),
  ];
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: Error) =>
      reject(
        new EmbeddedPostgresError(
          "POSTGRES_START",
          `Postgres could not make its data directory ${data}: ${reason}`,
          {
            cause,
          },
        ),
      );
    const child = spawn(binaries.initdb, args, {
      ...spawnIdentity(user),
      cwd: "/",
      env: serverEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += String(chunk);
      });
    }
    child.once("error", (error) => fail(error.message, error));
    child.once("close", (code) =>
      code === 0 ? resolve() : fail(`initdb ended with ${code}.\n${said.trim()}`),
    );
  });
}
