import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { waitFor } from "@openhouse/pool-testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createHealthHandlers, type HttpHandler, toNodeListener } from "../src/health/handlers.ts";
import { createMetricsHandler } from "../src/health/metrics-handler.ts";
import { HealthProbe, type HealthReport } from "../src/health/probe.ts";
import { Client } from "../src/query/client.ts";
import { assertRoleIsBound } from "../src/scope/role-check.ts";
import type { PoolStats } from "../src/telemetry/stats.ts";
import { useDatabase } from "./support/pools.ts";

const CALM: PoolStats = {
  totalCount: 2,
  idleCount: 2,
  waitingCount: 0,
  usedCount: 0,
  connectingCount: 0,
  closingCount: 0,
  max: 2,
  min: 0,
};
const SATURATED: PoolStats = {
  totalCount: 2,
  idleCount: 0,
  waitingCount: 3,
  usedCount: 2,
  connectingCount: 0,
  closingCount: 0,
  max: 2,
  min: 0,
};
const database = useDatabase();
const probes: HealthProbe[] = [];
afterEach(() => Promise.all(probes.splice(0).map((probe) => probe.close())));

function probeOn(options = database.options()): HealthProbe {
  const probe = new HealthProbe(() => new Client(options));
  probes.push(probe);
  return probe;
}

describe("a probe", () => {
  test("says healthy, with the pool's figures", async () => {
    expect(await probeOn().check(CALM, false)).toEqual({
      healthy: true,
      status: "healthy",
      latencyMs: expect.any(Number),
      poolStats: { totalCount: 2, idleCount: 2, waitingCount: 0 },
      consecutiveFailures: 0,
      everHealthy: true,
      behindPooler: false,
      serverRole: "primary",
    });
  });

  test("what others ask over its connection is asked between two probes, or not at all", async () => {
    const probe = probeOn();
    const pid = () =>
      probe.askBetween(async (client) => {
        const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
        return rows[0]?.pid;
      });
    expect(await pid()).toBeUndefined(); // nobody has connected
    const connecting = probe.check(CALM, false);
    expect(await pid()).toBeUndefined();
    expect((await connecting).healthy).toBe(true);
    expect(await pid()).toBeGreaterThan(0);
    await expect(probe.askBetween((client) => client.query("select 1/0"))).rejects.toThrow();
    expect(await pid()).toBeGreaterThan(0); // whose error costs no connection
  });

  test("says unhealthy where it is told to look at the role, and nobody may be served as it", async () => {
    const probe = new HealthProbe(() => new Client(database.options()), assertRoleIsBound);
    probes.push(probe);
    expect(await probe.check(CALM, false)).toMatchObject({
      healthy: false,
      status: "unhealthy",
      error: "config",
      everHealthy: false,
    });
  });

  test("says degraded when the database answers and the pool is full, draining when the process is going", async () => {
    const probe = probeOn();
    expect(await probe.check(SATURATED, false)).toMatchObject({ healthy: true, status: "degraded" });
    expect(await probe.check(CALM, true)).toMatchObject({ status: "draining" });
  });

  test("is shared: 1,000 checks cost one statement and one connection", async () => {
    let statements = 0;
    const probe = new HealthProbe(() => {
      const client = new Client(database.options());
      const query = client.query.bind(client);
      return Object.assign(client, {
        query(text: string) {
          statements++;
          return query(text);
        },
      });
    });
    probes.push(probe);
    await Promise.all(Array.from({ length: 500 }, () => probe.check(CALM, false)));
    await Promise.all(Array.from({ length: 500 }, () => probe.check(CALM, false)));
    expect(statements).toBe(1);
  });

  test.each([
    ["connection_refused", { port: 1 }],
    ["auth", { password: "wrong" }],
    ["dns", { host: "no-such-host.invalid" }],
  ])("says unhealthy with the kind %s", async (kind, wrong) => {
    const report = await probeOn({ ...database.options(), ...wrong }).check(CALM, false);
    expect(report).toMatchObject({
      healthy: false,
      status: "unhealthy",
      error: kind,
      consecutiveFailures: 1,
      everHealthy: false,
    });
  });

  test("remembers that its sign-in was refused, for longer each time, until one is not", async () => {
    let signIns = 0;
    let password: string | undefined = "wrong";
    const probe = new HealthProbe(() => {
      signIns++;
      const options = database.options();
      return new Client({ ...options, password: password ?? options.password });
    });
    probes.push(probe);
    const errors: unknown[] = [];
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const afterMs = async (ms: number) => {
        vi.advanceTimersByTime(ms);
        errors.push((await probe.check(CALM, false)).error);
        return signIns;
      };
      expect([await afterMs(0), await afterMs(2_100), await afterMs(2_100), await afterMs(2_000)]).toEqual([
        1, 2, 2, 3,
      ]);
      for (let hours = 0; hours < 10; hours++) await afterMs(3_600_000);
      expect([await afterMs(29_000), await afterMs(1_100)]).toEqual([13, 14]);
      expect(new Set(errors)).toEqual(new Set(["auth"]));
      password = undefined;
      expect([await afterMs(30_100), await afterMs(1_000), await afterMs(1_100)]).toEqual([15, 15, 15]);
      expect(errors.at(-1)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test("gives up on a silent server", async () => {
    const { proxy } = await database.proxied();
    proxy.pause();
    const started = performance.now();
    const report = await probeOn({ ...database.options(), host: "127.0.0.1", port: proxy.port }).check(
      CALM,
      false,
    );
    expect(report).toMatchObject({ status: "unhealthy", error: "timeout" });
    expect(performance.now() - started).toBeLessThan(3_000); // 900 ms, on a machine that may be busy
  });
});

function report(over: Partial<HealthReport>): HealthReport {
  return {
    healthy: true,
    status: "healthy",
    latencyMs: 1,
    poolStats: { totalCount: 1, idleCount: 1, waitingCount: 0 },
    consecutiveFailures: 0,
    everHealthy: true,
    ...over,
  };
}

describe("the routes", () => {
  const ask = async (route: "live" | "ready" | "db", state: Partial<HealthReport>, method = "GET") => {
    const handlers = createHealthHandlers({ check: async () => report(state) });
    return handlers[route](new Request("http://localhost/", { method }));
  };

  test.each([
    ["live", { status: "draining" }, 200],
    ["live", { status: "unhealthy", healthy: false }, 200],
    ["db", { status: "healthy" }, 200],
    ["db", { status: "degraded" }, 200],
    ["db", { status: "unhealthy", healthy: false, error: "timeout" }, 503],
    ["db", { status: "draining" }, 503],
    ["ready", {}, 200],
    ["ready", { everHealthy: false, healthy: false, status: "unhealthy" }, 503],
    ["ready", { healthy: false, status: "unhealthy", consecutiveFailures: 2 }, 200],
    ["ready", { healthy: false, status: "unhealthy", consecutiveFailures: 3 }, 503],
    ["ready", { status: "draining" }, 503],
  ] as const)("%s in %o answers %i", async (route, state, status) => {
    const response = await ask(route, state);
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "2" : null);
  });

  test("db's body has the documented fields and no others", async () => {
    const body = await (await ask("db", { status: "unhealthy", healthy: false, error: "auth" })).json();
    expect(body).toEqual({
      status: "unhealthy",
      latencyMs: 1,
      poolStats: { totalCount: 1, idleCount: 1, waitingCount: 0 },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      error: "auth",
    });
    const more = { serverRole: "standby", eventLoopDelayMs: 700, behindPooler: true } as const;
    const healthy = {
      status: "healthy",
      latencyMs: 1,
      poolStats: { totalCount: 1, idleCount: 1, waitingCount: 0 },
      timestamp: expect.any(String),
    };
    expect(await (await ask("db", more)).json()).toEqual(healthy);
    expect(await (await ask("db", { ...more, status: "degraded", error: "read_only" })).json()).toEqual({
      ...healthy,
      status: "degraded",
      error: "read_only",
      serverRole: "standby",
      eventLoopDelayMs: 700,
    });
  });

  test("HEAD answers like GET, without a body", async () => {
    const response = await ask("db", { status: "draining" }, "HEAD");
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("");
  });

  async function mounted(handler: HttpHandler) {
    const server = createServer(toNodeListener(handler)).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await waitFor(() => server.address(), { what: "the server to listen" });
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  test("can be mounted on node:http", async () => {
    const { db } = createHealthHandlers({ check: async () => report({ status: "degraded" }) });
    const response = await fetch(`http://127.0.0.1:${await mounted(db)}/api/health/db`);
    expect([response.status, (await response.json()).status]).toEqual([200, "degraded"]);
  });

  test("a handler on node:http is shown the headers: a scrape's token", async () => {
    const metrics = createMetricsHandler({ render: () => "x 1\n", token: () => "s3cret" });
    const url = `http://127.0.0.1:${await mounted(metrics)}/metrics`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: "Bearer s3cret" } })).status).toBe(200);
  });

  test.each(["TRACE /", "GET //", "GET //user:password@host/", "GET http://user:password@host/"])(
    "a request that fetch would not make, %s, is answered, and ends no process",
    async (line) => {
      const { live } = createHealthHandlers({ check: async () => report({}) });
      const socket = connect(await mounted(live), "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const [answer] = await once(socket, "data");
      expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  test("a handler that throws is answered for, and told of", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const port = await mounted(() => Promise.reject(new TypeError("with a value")));
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect([response.status, await response.text()]).toEqual([500, ""]);
    expect(warned.mock.calls).toEqual([
      [
        "an HTTP handler has thrown TypeError; the pool goes on",
        expect.objectContaining({ code: "POOL_CODE_THREW" }),
      ],
    ]);
  });

  test.each<[string, () => Promise<Response>]>([
    ["has no status", async () => Response.error()],
    ["was read already", () => readOnce(new Response("with a value"))],
    ["is none", async () => undefined as unknown as Response],
  ])("a handler whose response %s ends no process", async (_what, handler) => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const response = await fetch(`http://127.0.0.1:${await mounted(handler)}/`);
    expect([response.status, await response.text()]).toEqual([500, ""]);
  });
});

async function readOnce(response: Response): Promise<Response> {
  await response.text();
  return response;
}
