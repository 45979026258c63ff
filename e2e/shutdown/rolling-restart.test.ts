import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
import { expect, onTestFinished } from "vitest";
import { Crowd } from "../support/crowd.ts";
import { type HaProxy, type Server, startHaProxy } from "../support/haproxy.ts";
import { type NpmPortal, startThroughNpm } from "../support/npm-portal.ts";
import { lockTable } from "../support/table-lock.ts";
import type { Answer } from "../support/visitor.ts";
import { type Context, test, untilNoBackend } from "./fixture.ts";
import type { FilledForm } from "./subject.ts";

const TEST_MS = 120_000;
/** The default of production: the configuration is made for it. */
const DRAIN_MS = 5_000;
const SERVERS: readonly Server[] = ["developer/a", "developer/b", "tenant/a", "tenant/b"];
/** As `deploy/haproxy.cfg` has them. */
const ADDRESSES: Readonly<Record<Server, string>> = {
  "developer/a": "10.0.1.1:3000",
  "developer/b": "10.0.1.2:3000",
  "tenant/a": "10.0.1.1:3001",
  "tenant/b": "10.0.1.2:3001",
};
const PORTALS = ["developer", "tenant"] as const;
type Which = (typeof PORTALS)[number];

const SIGNED_IN = 4;
const ANONYMOUS = 3;
/** Two cores carry four portals, HAProxy, the server and the visitors. In milliseconds. */
const PAUSE_MS = 60;
/** Of one instance, so that it has surely taken its part. */
const SOME_REQUESTS = 10;

interface Fleet {
  readonly proxy: HaProxy;
  readonly origins: Readonly<Record<Which, string>>;
  instance(server: Server): NpmPortal;
  /** Starts it at its address, and waits until HAProxy sends requests there. */
  start(server: Server): Promise<void>;
}

/** Two instances of each portal behind HAProxy; the end of the test is their end too. */
async function startFleet(of: (which: Which) => Context, drainMs: number): Promise<Fleet> {
  const ports = new Map<string, number>();
  for (const name of [...SERVERS, ...PORTALS]) ports.set(name, await findFreePort());
  const addressOf = (name: string) => `127.0.0.1:${ports.get(name)}`;
  const proxy = await startHaProxy({
    ...Object.fromEntries(SERVERS.map((server) => [ADDRESSES[server], addressOf(server)])),
    "10.0.0.1:80": addressOf("developer"),
    "10.0.0.2:80": addressOf("tenant"),
  });
  const instances = new Map<Server, NpmPortal>();
  onTestFinished(async () => {
    await Promise.all([...instances.values()].map((portal) => portal.kill()));
    await proxy.stop();
    await untilNoBackend(of("tenant").serverUrl);
  });
  const start = async (server: Server) => {
    const which = server.startsWith("developer") ? "developer" : "tenant";
    const { subject, settings } = of(which);
    const own = { ...settings(drainMs), TRUST_PROXY: "true" };
    instances.set(server, await startThroughNpm(subject.workspace, own, ports.get(server)));
    await waitFor(() => proxy.isUp(server), { timeoutMs: 10_000, what: `HAProxy to see ${server}` });
  };
  await Promise.all(SERVERS.map(start));
  return {
    proxy,
    start,
    origins: { developer: `http://${addressOf("developer")}`, tenant: `http://${addressOf("tenant")}` },
    instance(server) {
      const portal = instances.get(server);
      if (portal === undefined) throw new Error(`${server} was not started`);
      return portal;
    },
  };
}

/** Somebody who sends one form after the other, which nobody between may send again. */
class Writer {
  /** Forms that the portal says are done. */
  readonly done: { form: FilledForm; answer: Answer }[] = [];
  readonly failures: string[] = [];
  readonly #next: () => Promise<FilledForm>;
  #stopping = false;
  #rounds: Promise<void> = Promise.resolve();

  constructor(next: () => Promise<FilledForm>) {
    this.#next = next;
  }

  start(): void {
    this.#rounds = this.#write();
  }

  async gone(): Promise<void> {
    this.#stopping = true;
    await this.#rounds;
  }

  async #write(): Promise<void> {
    while (!this.#stopping) {
      try {
        const form = await this.#next();
        const answer = await form.send();
        if (form.acknowledged(answer)) this.done.push({ form, answer });
        else this.failures.push(`a form: status ${answer.status}: ${answer.body.slice(0, 200)}`);
      } catch (error) {
        this.failures.push(`a form: ${error}`);
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** Visitors of both portals, some signed in and some not, each on a kept connection to HAProxy. */
async function startCrowds({ origins }: Fleet, of: (which: Which) => Context): Promise<Crowd[]> {
  const crowds: Crowd[] = [];
  for (const which of PORTALS) {
    const { subject } = of(which);
    const origin = origins[which];
    const cookie = await subject.signIn(origin);
    crowds.push(new Crowd(origin, cookie, await subject.visits(origin, cookie), SIGNED_IN, PAUSE_MS));
    crowds.push(new Crowd(origin, "", [{ path: "/sign-in", holds: "</html>" }], ANONYMOUS, PAUSE_MS));
  }
  for (const crowd of crowds) crowd.start();
  return crowds;
}

async function startWriters({ origins }: Fleet, of: (which: Which) => Context): Promise<Writer[]> {
  const writers: Writer[] = [];
  for (const which of PORTALS) {
    const { subject } = of(which);
    const cookie = await subject.signIn(origins[which]);
    writers.push(new Writer(() => subject.fillInForm(origins[which], cookie)));
  }
  for (const writer of writers) writer.start();
  return writers;
}

async function leave(crowds: readonly Crowd[]): Promise<void> {
  for (const crowd of crowds) crowd.stop();
  await Promise.all(crowds.map((crowd) => crowd.gone()));
}

/** Waits until an instance has taken its part. */
async function takesTraffic(proxy: HaProxy, server: Server, already = 0): Promise<void> {
  const hasServed = async () => (await proxy.served(server)) >= already + SOME_REQUESTS;
  await waitFor(hasServed, { timeoutMs: 20_000, intervalMs: 50, what: `${server} to take traffic` });
}

test("two instances of each portal behind HAProxy, all restarted one after another under load: no request fails", {
  timeout: TEST_MS,
}, async ({ of }) => {
  const fleet = await startFleet(of, DRAIN_MS);
  const { proxy } = fleet;
  const crowds = await startCrowds(fleet, of);
  const writers = await startWriters(fleet, of);
  for (const server of SERVERS) await takesTraffic(proxy, server);

  for (const server of SERVERS) {
    const before = fleet.instance(server);
    before.signal("SIGTERM", "npm");
    const hasLeft = async () => !(await proxy.isUp(server));
    await waitFor(hasLeft, { timeoutMs: 10_000, what: `HAProxy to leave ${server}` });
    // Whatever it has sent there was still accepted.
    expect((await fetch(`${before.url}/sign-in`)).status).toBe(200);
    expect(await before.ended, `${server}: ${before.output()}`).toEqual({ code: 0, signal: null });
    const already = await proxy.served(server);
    await fleet.start(server);
    await takesTraffic(proxy, server, already);
  }

  await Promise.all([leave(crowds), ...writers.map((writer) => writer.gone())]);
  expect([...crowds, ...writers].flatMap(({ failures }) => failures)).toEqual([]);
  const answers = crowds.flatMap(({ answers }) => answers);
  expect(answers.length).toBeGreaterThan(SERVERS.length * 100);
  // Nobody behind HAProxy is sent away from a kept connection.
  expect(answers.filter(({ reused }) => !reused)).toHaveLength(PORTALS.length * (SIGNED_IN + ANONYMOUS));
  for (const { done } of writers) {
    expect(done.length).toBeGreaterThan(SERVERS.length);
    for (const { form, answer } of done) expect(await form.kept(answer)).toBe(true);
  }
});

test("an instance behind HAProxy that is killed takes nothing with it but what was in flight there, and no POST is sent again", {
  timeout: TEST_MS,
}, async ({ of }) => {
  const fleet = await startFleet(of, 0);
  const { proxy, origins } = fleet;
  const { subject, serverUrl } = of("tenant");
  const form = await subject.fillInForm(origins.tenant, "");
  const crowds = await startCrowds(fleet, of);
  await takesTraffic(proxy, "tenant/b");

  // A write that is half done, on the instance that is about to die.
  await proxy.setState("tenant/b", "drain");
  const lock = await lockTable(serverUrl, subject.tableOfForm, "share");
  const written = form.send();
  await waitFor(async () => (await lock.blocked()) === 1, { what: "the write to be half done" });
  await proxy.setState("tenant/b", "ready");

  const victim = fleet.instance("tenant/a");
  const killedAtMs = performance.now();
  victim.signal("SIGKILL", "group");
  await victim.ended;
  const { status } = await written;
  await lock.release();
  await waitFor(async () => !(await proxy.isUp("tenant/a")), { what: "HAProxy to see that it is gone" });
  await takesTraffic(proxy, "tenant/b", await proxy.served("tenant/b"));
  await leave(crowds);

  expect(status).toBe(502);
  const failed = crowds.flatMap(({ failed }) => failed);
  expect(failed.filter(({ sentAtMs }) => sentAtMs > killedAtMs)).toEqual([]);
  expect(failed.length).toBeLessThanOrEqual(SIGNED_IN + ANONYMOUS);
});
