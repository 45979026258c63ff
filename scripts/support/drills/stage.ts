import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import {
  asSuperuser,
  type EmbeddedPostgres,
  type FaultProxy,
  findFreePort,
  type GuardedProcess,
  startEmbeddedPostgres,
  startFaultProxy,
  waitFor,
} from "@openhouse/pool-testing";
import { relay } from "@openhouse/tooling/cli/screen";
import { runNext } from "@openhouse/tooling/portals/next-process";
import type { Portal } from "@openhouse/tooling/portals/portals";
import { MEASURED_SECRET, measuredEnvironment } from "@openhouse/tooling/portals/running-portal";
import pg from "pg";

/** How often everything is asked. */
const EVERY_MS = 500;
/** Nobody waits longer for a page. */
const VISITOR_MS = 15_000;
const SCRAPE_EVERY_MS = 1_000;
const ROLE = "openhouse_app";

/** What was seen at one moment, in milliseconds since the watch began. */
export interface Seen {
  readonly atMs: number;
  /** `/api/health/db`: `503 timeout`, `200 healthy`. */
  readonly health: string;
  /** `/api/health/ready`: its status. */
  readonly ready: string;
}

/** What became of one visit of a page. */
export interface Visit {
  readonly atMs: number;
  readonly tookMs: number;
  /** The status; `silent` after 15 s, `gone` where nobody answered. */
  readonly answer: string;
}

export interface LogLine {
  readonly event: string;
  readonly kind?: string;
  readonly code?: string;
  readonly [field: string]: unknown;
}

export interface StageOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly server?: Readonly<Record<string, string>>;
  /** Keep the password in a file, as DATABASE_PASSWORD_FILE. */
  readonly passwordFile?: boolean;
}

/** A server, a wire, a built portal on them, and somebody who watches. */
export class Stage {
  readonly server: EmbeddedPostgres;
  readonly proxy: FaultProxy;
  readonly seen: Seen[] = [];
  readonly visits: Visit[] = [];
  readonly scrapes: string[] = [];
  readonly passwordPath: string;
  readonly #portal: GuardedProcess;
  readonly #origin: string;
  readonly #lines: string[] = [];
  readonly #clients: pg.Client[] = [];
  readonly #startedAtMs = performance.now();
  #cookie = "";
  #codes: string[] = [];
  #watching = true;
  #hasEnded = false;
  #status: number | null = null;

  private constructor(
    server: EmbeddedPostgres,
    proxy: FaultProxy,
    portal: GuardedProcess,
    origin: string,
    passwordPath: string,
  ) {
    this.server = server;
    this.proxy = proxy;
    this.#portal = portal;
    this.#origin = origin;
    this.passwordPath = passwordPath;
    relay(portal.output, (line) => this.#lines.push(line));
    void portal.exited.then((status) => {
      this.#hasEnded = true;
      this.#status = status;
    });
  }

  static async open(name: string, built: Portal, options: StageOptions): Promise<Stage> {
    process.env.AUTH_SECRET = MEASURED_SECRET; // the portal has to find the codes
    const server = await startEmbeddedPostgres({
      name: `drill-${name}`,
      log: () => {},
      ...(options.server && { settings: { ...options.server } }),
    });
    const passwordPath = join(tmpdir(), `openhouse-drill-${process.pid}`);
    writeFileSync(passwordPath, "first");
    let proxy: FaultProxy | undefined;
    try {
      proxy = await startFaultProxy({ host: server.host, port: server.port });
      const appUrl = `postgres://${ROLE}:first@127.0.0.1:${server.port}/postgres`;
      await migrate({ ownerUrl: server.url, appUrl });
      const { onboarding } = await seed({ appUrl });
      const port = await findFreePort();
      const throughWire = proxy.url(appUrl);
      const connection = options.passwordFile
        ? { DATABASE_URL: throughWire.replace(":first@", "@"), DATABASE_PASSWORD_FILE: passwordPath }
        : { DATABASE_URL: throughWire };
      const env = measuredEnvironment({
        DATABASE_URL: appUrl,
        TRUST_PROXY: "false",
        DB_POOL_MAX: "10",
        ...options.settings,
      });
      const args = ["start", "--hostname", "127.0.0.1", "--port", String(port)];
      const portal = await runNext({ ...built, port }, args, { ...env, ...connection }, () => {});
      const stage = new Stage(server, proxy, portal, `http://127.0.0.1:${port}`, passwordPath);
      stage.#codes = onboarding.map(({ code }) => code);
      await stage.#settleIn().catch(async (error: unknown) => {
        await stage.close();
        throw error;
      });
      return stage;
    } catch (error) {
      await proxy?.close();
      await server.stop("immediate");
      throw error;
    }
  }

  get lines(): LogLine[] {
    return this.#lines.flatMap((line) => {
      try {
        const parsed: LogLine = JSON.parse(line);
        return [parsed];
      } catch {
        return [];
      }
    });
  }

  /** Lines that are no JSON. */
  get strayLines(): string[] {
    return this.#lines.filter((line) => !line.startsWith('{"time"'));
  }

  /** Where the portal answers. */
  get origin(): string {
    return this.#origin;
  }

  get nowMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  get exitStatus(): number | null {
    return this.#status;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) process.kill(this.#portal.pid, signal);
  }

  exited(): Promise<number> {
    return this.#portal.exited;
  }

  /** As the server's superuser, past the wire. */
  sql(statement: string, url = this.server.url): Promise<unknown> {
    return asSuperuser(url, (client) => client.query(statement));
  }

  /** A connection that stays until the drill is over. */
  async client(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.server.url });
    client.on("error", () => {});
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** Ends the portal's connections, so that it has to sign in. */
  endConnections(): Promise<unknown> {
    return this.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${ROLE}'`);
  }

  /** Somebody asks for a page that reads rows of a tenant. */
  async visit(path = "/"): Promise<Visit> {
    const atMs = this.nowMs;
    const answer = await this.#ask(path, { headers: { cookie: this.#cookie } }, VISITOR_MS);
    const visit = { atMs, tookMs: this.nowMs - atMs, answer: String(answer?.status ?? "gone") };
    this.visits.push(visit);
    return visit;
  }

  /** Somebody writes: redeems a code that nobody has used. @returns the answer's status and body. */
  async write(): Promise<string> {
    const answer = await this.#redeem();
    return `${answer?.status} ${answer?.body.slice(0, 60)}`;
  }

  async close(): Promise<void> {
    this.#watching = false;
    this.signal("SIGCONT");
    this.signal("SIGKILL");
    await this.#portal.exited;
    for (const client of this.#clients) client.end().catch(() => {});
    await this.proxy.close();
    await this.server.stop("immediate");
    rmSync(this.passwordPath, { force: true });
  }

  async #settleIn(): Promise<void> {
    const isReady = async () =>
      this.#hasEnded || (await this.#ask("/api/health/ready", {}, 5_000))?.status === 200;
    await waitFor(isReady, { timeoutMs: 60_000, intervalMs: 100, what: "the portal to be ready" });
    if (this.#hasEnded) throw new Error(`the portal ended: ${this.#lines.slice(-3).join("\n")}`);
    const answer = await this.#redeem();
    this.#cookie = answer?.cookie ?? "";
    const first = await this.visit();
    if (first.answer !== "200") throw new Error(`a visitor got ${first.answer} before anything was wrong`);
    this.visits.length = 0;
    void this.#watch();
    void this.#scrape();
  }

  async #redeem() {
    const body = JSON.stringify({ code: this.#codes.pop() });
    const headers = { "content-type": "application/json", origin: this.#origin };
    return this.#ask("/api/onboarding", { method: "POST", headers, body }, VISITOR_MS);
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      const atMs = this.nowMs;
      void this.visit();
      void Promise.all([
        this.#ask("/api/health/db", {}, 5_000),
        this.#ask("/api/health/ready", {}, 5_000),
      ]).then(([health, ready]) => {
        const { status, error } = healthOf(health?.body);
        this.seen.push({
          atMs,
          health: health === undefined ? "gone" : `${health.status} ${error ?? status}`,
          ready: String(ready?.status ?? "gone"),
        });
      });
      await sleep(EVERY_MS);
    }
  }

  async #scrape(): Promise<void> {
    while (this.#watching) {
      const started = performance.now();
      const answer = await this.#ask("/api/metrics", {}, SCRAPE_EVERY_MS);
      this.scrapes.push(answer?.status === 200 ? answer.body : "");
      await sleep(Math.max(0, SCRAPE_EVERY_MS - (performance.now() - started)));
    }
  }

  async #ask(path: string, init: RequestInit, timeoutMs: number) {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(this.#origin + path, { redirect: "manual", ...init, signal });
      const [cookie = ""] = response.headers.getSetCookie().map((each) => each.split(";")[0] ?? "");
      return { status: response.status, body: await response.text(), cookie };
    } catch (error) {
      return error instanceof Error && error.name === "TimeoutError"
        ? { status: "silent" as const, body: "", cookie: "" }
        : undefined;
    }
  }
}

function healthOf(body = ""): { status?: string; error?: string } {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
