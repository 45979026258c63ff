import { findFreePort } from "@openhouse/pool-testing";
import { RunningPortal } from "@openhouse/tooling/portals/running-portal";
import type { EditableCopy, PortalName } from "./editable-copy.ts";

/** More than the pool has connections, so that a pool that may grow does. */
const CALLS_OF_ROUTE = 8;
const START_WITHIN_MS = 120_000;
const REQUEST_TIMEOUT_MS = 40_000;
/** Output kept for a report of what went wrong, in lines. Requests that went well say nothing in it. */
const LINES_KEPT = 60;
const WENT_WELL = / GET \S+ 200 /;

/** The numbers that an answer tells: which version of which file gave it, and the pool's max. */
export type Told = ReadonlyMap<string, number>;

/** What came of some requests at once. */
export interface Load {
  readonly requests: number;
  /** What a request that did not get its 200 got instead. */
  readonly failures: readonly string[];
  readonly told: readonly Told[];
}

/** A database of a portal's own, by whose name its backends are known. */
export interface PortalDatabase {
  readonly name: string;
  /** As the role that the portal uses. */
  readonly appUrl: string;
}

/** A portal under `next dev`. */
export class DevPortal {
  readonly name: PortalName;
  readonly database: string;
  readonly #running: RunningPortal;
  readonly #url: string;
  readonly #lines: string[];

  private constructor(name: PortalName, database: string, running: RunningPortal, lines: string[]) {
    this.name = name;
    this.database = database;
    this.#running = running;
    this.#url = `http://127.0.0.1:${running.portal.port}`;
    this.#lines = lines;
  }

  /** Starts it, and waits until it and its database are well. */
  static async start(copy: EditableCopy, name: PortalName, database: PortalDatabase): Promise<DevPortal> {
    const port = await findFreePort();
    const portal = {
      name,
      title: name,
      directory: copy.portalDirectory(name),
      portVariable: "PORT",
      port,
      address: `http://localhost:${port}`,
    };
    const { PATH, HOME, TMPDIR } = process.env;
    const env: NodeJS.ProcessEnv = {
      PATH,
      HOME,
      TMPDIR,
      NODE_ENV: "development",
      // Next lets a variable that is set here win over every `.env`.
      DATABASE_URL: database.appUrl,
      AUTH_SECRET: "the secret of a portal that is there to be reloaded",
    };
    const lines: string[] = [];
    const running = await RunningPortal.start("dev", portal, env, (line) => {
      if (!WENT_WELL.test(line)) lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
    });
    try {
      await running.untilHealthy(START_WITHIN_MS, new AbortController().signal);
    } catch (error) {
      await running.stop("SIGTERM");
      throw new Error(`${name} did not start under next dev. It said:\n${lines.join("\n")}`, {
        cause: error,
      });
    }
    return new DevPortal(name, database.name, running, lines);
  }

  /** The last lines that it has printed. */
  output(): string {
    return this.#lines.join("\n");
  }

  /** Requests at once: of the route, and of a page, which has module state of its own. */
  load(): Promise<Load> {
    return this.#ask([...Array.from({ length: CALLS_OF_ROUTE }, () => "/api/hot-reload"), "/hot-reload"]);
  }

  /** Has the health probe ask the database, on its own connection. */
  probe(): Promise<Load> {
    return this.#ask(["/api/health/db"]);
  }

  /**
   * A request that keeps a connection, inside of a transaction, until it gets the advisory lock.
   *
   * @returns the pid of the backend that served it.
   */
  async borrow(lock: number): Promise<number | undefined> {
    const { ok, body } = await this.#get(`/api/hot-reload?lock=${lock}`);
    if (!ok) throw new Error(`The request that kept a connection has failed: ${body}`);
    return Number(/^pid=(\d+)$/.exec(body)?.[1]);
  }

  stop(): Promise<void> {
    return this.#running.stop("SIGTERM");
  }

  async #ask(paths: readonly string[]): Promise<Load> {
    const answers = await Promise.all(paths.map((path) => this.#get(path)));
    return {
      requests: paths.length,
      failures: answers.filter(({ ok }) => !ok).map(({ body }) => body),
      told: answers.filter(({ ok }) => ok).map(({ body }) => readNumbers(body)),
    };
  }

  async #get(path: string): Promise<{ ok: boolean; body: string }> {
    try {
      const response = await fetch(this.#url + path, {
        redirect: "manual",
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const body = await response.text();
      return response.status === 200
        ? { ok: true, body }
        : { ok: false, body: `${path}: ${response.status} ${body.slice(0, 300)}` };
    } catch (error) {
      return { ok: false, body: `${path}: ${error}` };
    }
  }
}

function readNumbers(body: string): Told {
  const text = /client=\d+ resources=\d+(?: route=\d+)? max=\d+/.exec(body)?.[0] ?? "";
  return new Map([...text.matchAll(/(\w+)=(\d+)/g)].map(([, name = "", digits]) => [name, Number(digits)]));
}
