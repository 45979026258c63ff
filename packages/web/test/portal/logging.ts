import { waitFor } from "@openhouse/pool-testing";
import { beforeAll, expect, test } from "vitest";
import { submitForm } from "../support/form.ts";
import type { RunningPortal } from "../support/portal.ts";
import { type Context, get } from "./context.ts";

/** What stands in the log, whoever wrote it. */
export function logging(context: () => Context): void {
  let portal: RunningPortal;
  let port: number;

  beforeAll(() => {
    portal = context().portal;
    port = Number(new URL(context().databaseUrl).port);
  });

  const bugs = () => portal.log().filter(({ event }) => event === "web.unexpected_error");
  const database = () => ({
    poolName: "@openhouse/db",
    mode: "pool",
    host: "127.0.0.1",
    port,
    database: "postgres",
  });

  /** Of what is done: waits until there is one, and for as long again as a second would take. */
  async function linesOf(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
    const before = bugs().length;
    await work();
    await waitFor(() => bugs().length > before, { what: "the line" });
    await get(portal, "/api/health/live");
    return bugs().slice(before);
  }

  test("the start is told with the pool, the database and the server's version", async () => {
    const started = await waitFor(() => portal.log().find(({ event }) => event === "web.started"), {
      what: "it",
    });
    expect(started).toMatchObject({
      portal: "developer",
      max: 20,
      min: 2,
      serverVersion: expect.stringMatching(/^\d+/),
      ...database(),
    });
  });

  test.each([
    ["a page", () => get(portal, "/documents?broken=1"), "/documents", { sqlstate: "42P01", kind: "schema" }],
    ["a component below", () => get(portal, "/unguarded"), "/unguarded", { sqlstate: "22P02", kind: "data" }],
    [
      "a route",
      () => get(portal, "/api/fail?secret=hunter2"),
      "/api/fail",
      { sqlstate: "22P02", kind: "data" },
    ],
    [
      "an action",
      () => submitForm(`${portal.url}/form`, { next: "break" }),
      "/form: save",
      { sqlstate: "42P01" },
    ],
  ])("one failure of %s is one line, with its place in the sources", async (_, work, route, error) => {
    const lines = await linesOf(work);
    expect(lines).toEqual([expect.objectContaining({ ...error, ...database() })]);
    expect(String(lines[0]?.route)).toContain(route);
    expect(JSON.stringify(lines[0]?.at)).toMatch(/packages\/db\/src\/with-client\.ts:\d+:\d+/);
  });

  test("every line is JSON, whoever wrote it, and none holds a value", () => {
    const lines = portal.output().split("\n").filter(Boolean);
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => !isJson(line))).toEqual([]);
    expect(portal.output()).not.toContain("hunter2");
  });
}

function isJson(line: string): boolean {
  try {
    const { time, level, event } = JSON.parse(line);
    return [time, level, event].every((field) => typeof field === "string");
  } catch {
    return false;
  }
}
