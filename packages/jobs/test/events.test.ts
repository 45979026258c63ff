import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startLocalExecutor } from "@openhouse/tooling/jobs-executor/local-executor";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

const EVENT = {
  name: "document/uploaded",
  data: {
    tenantId: "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e",
    documentId: "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3f",
  },
} as const;

let lines: string[] = [];

beforeEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  lines = [];
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  for (const name of ["INNGEST_DEV", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY", "INNGEST_BASE_URL"])
    vi.stubEnv(name, "");
});

/** `sendEvent` as a portal has it under this environment. */
async function sender(env: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return (await import("../src/events.ts")).sendEvent;
}

test("an event reaches the executor", async () => {
  const executor = await startLocalExecutor({ serveUrl: "http://127.0.0.1:9/api/inngest" });
  onTestFinished(() => executor.stop());
  const sendEvent = await sender(executor.environment);
  expect(await sendEvent(EVENT)).toBe(true);
  expect(executor.getStats().eventsReceived).toBe(1);
  expect(lines).toEqual([]);
});

test("without an executor nothing is sent, nothing fails, and the log says so once", async () => {
  const sendEvent = await sender({});
  expect(await sendEvent(EVENT)).toBe(false);
  expect(await sendEvent(EVENT)).toBe(false);
  expect(lines.filter((line) => line.includes("jobs.no_executor"))).toHaveLength(1);
});

test("an executor that never answers keeps nobody longer than two seconds, and the loss is logged without ids", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo; // a TCP server's address is one
  const sendEvent = await sender({ INNGEST_DEV: `http://127.0.0.1:${port}` });
  const startedAt = performance.now();
  expect(await sendEvent(EVENT)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  const lost = lines.filter((line) => line.includes("jobs.event_lost"));
  expect(lost).toHaveLength(1);
  expect(lines.join("\n")).not.toContain(EVENT.data.documentId);
});

test("an executor that is away, or refuses, fails nobody", async () => {
  const sendEvent = await sender({ INNGEST_DEV: "http://127.0.0.1:9" });
  expect(await sendEvent(EVENT)).toBe(false);
  expect(lines.some((line) => line.includes("jobs.event_lost"))).toBe(true);
});
