import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Fleet } from "../src/figures/fleet.ts";
import type { Level } from "../src/figures/judge.ts";
import { peerFaults, peerOrigins } from "../src/figures/peers.ts";
import type { ProcessFigures } from "../src/figures/process-figures.ts";
import type { Reading } from "../src/figures/reading.ts";

const NOW: Reading = {
  atMs: 1_000,
  status: "healthy",
  kind: null,
  latencyMs: 2,
  used: 3,
  idle: 5,
  max: 20,
  waiting: 0,
  oldestWaiterMs: 0,
  refused: 0,
  errors: 0,
};

const TOKEN = "0123456789abcdef";

function figuresOf(id: string, level: Level): ProcessFigures {
  return {
    process: { id, portal: "tenant", instance: id, version: "1", startedAtMs: 0, mode: "pool" },
    now: NOW,
    level,
    findings: [],
    holders: [],
    holdersCount: 0,
    slowStatements: [],
    lately: null,
    shares: null,
  };
}

/** A server until the end of the test. */
async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => void (await close()));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const peer = (id: string, level: Level) =>
  serve(({ url, headers }, response) => {
    if (headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
    const isHistory = url === "/api/figures?history=1h";
    response.end(JSON.stringify(isHistory ? { history: [NOW, NOW] } : figuresOf(id, level)));
  });

const fleetOf = (origins: readonly string[], token = TOKEN) =>
  new Fleet({
    origins: () => origins,
    headers: () => ({ Authorization: `Bearer ${token}` }),
    own: { figures: () => figuresOf("own", "good"), history: () => [NOW] },
  });

const seen = (fleet: Fleet) =>
  fleet.rows().map(({ figures, isReachable }) => [figures?.process.id ?? null, isReachable]);

test("every process is shown, the worst first, one that does not answer before all others", async () => {
  const [well, busy, full] = [
    await peer("well", "good"),
    await peer("busy", "look"),
    await peer("full", "act"),
  ];
  const fleet = fleetOf([well.origin, busy.origin, full.origin, "http://127.0.0.1:9"]);
  await fleet.refresh();
  expect(seen(fleet)).toEqual([
    [null, false],
    ["full", true],
    ["busy", true],
    ["own", true],
    ["well", true],
  ]);
});

test("a process that falls silent is shown with what it said last", async () => {
  const other = await peer("other", "good");
  const fleet = fleetOf([other.origin]);
  await fleet.refresh();
  await other.close();
  await fleet.refresh();
  expect(seen(fleet)).toEqual([
    ["other", false],
    ["own", true],
  ]);
});

test("a process that says nothing keeps nobody waiting for longer than a second", async () => {
  const mute = await serve(() => {});
  const fleet = fleetOf([mute.origin]);
  const startedAtMs = performance.now();
  await fleet.refresh();
  expect(performance.now() - startedAtMs).toBeLessThan(1_800);
  expect(seen(fleet)[0]).toEqual([null, false]);
});

test("who is asked without the token that it wants is unreachable", async () => {
  const other = await peer("other", "good");
  const fleet = fleetOf([other.origin], "another-token-than-that");
  await fleet.refresh();
  expect(seen(fleet)[0]).toEqual([null, false]);
});

test("one list does for every process: who finds itself in it is shown once", async () => {
  const own = await peer("own", "good");
  const fleet = fleetOf([own.origin]);
  await fleet.refresh();
  expect(seen(fleet)).toEqual([["own", true]]);
});

test("a process tells its own past, and of one that is no peer this process's is told", async () => {
  const other = await peer("other", "good");
  const fleet = fleetOf([other.origin, "http://127.0.0.1:9"]);
  expect(await fleet.history(other.origin, "1h")).toHaveLength(2);
  expect(await fleet.history("http://127.0.0.1:9", "1h")).toEqual([]);
  for (const origin of ["", "http://192.0.2.1"]) expect(await fleet.history(origin, "1h")).toHaveLength(1);
});

test("peers are origins with commas between them, and anything else is a fault of the settings", () => {
  const text = "http://portal-a:3000, https://portal-b.example/";
  expect(peerFaults(text)).toEqual([]);
  expect(peerOrigins(text)).toEqual(["http://portal-a:3000", "https://portal-b.example"]);
  expect(peerOrigins("")).toEqual([]);
  for (const wrong of [
    "portal-a:3000",
    "ftp://portal-a",
    "http://a/path",
    "http://me:secret@a",
    "http://a b",
  ])
    expect(peerFaults(wrong), wrong).toEqual([expect.stringContaining("DATABASE_PAGE_PEERS")]);
});
