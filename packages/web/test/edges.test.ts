import { AcquireTimeoutError, CommitUnknownError, PoolSaturatedError } from "@openhouse/pool";
import { redirect } from "next/navigation";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardAction } from "../src/action.ts";
import { databaseUnavailable } from "../src/database-unavailable.ts";
import { handleRoute } from "../src/route.ts";

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "error").mockImplementation((line) => lines.push(String(line)));
});

afterEach(() => {
  vi.restoreAllMocks();
});

const failing = (error: Error) =>
  guardAction("/form", async () => {
    throw error;
  });

test("an action promises that nothing was saved only where nothing was sent", async () => {
  const full = new PoolSaturatedError("the queue is full");
  expect(await failing(full)()).toEqual({ ok: false, error: expect.stringContaining("Nothing was saved") });
  const lost = new CommitUnknownError("the connection was lost during commit");
  const { error } = Object(await failing(lost)());
  expect(error).toContain("check whether your change was saved");
});

test("an action's bugs stay bugs", async () => {
  await expect(failing(new TypeError("oops"))()).rejects.toThrow("oops");
  expect(lines).toEqual([]);
});

test("what Next throws on purpose is Next's", async () => {
  const leave = async () => redirect("/documents");
  await expect(guardAction("/form", leave)()).rejects.toThrow("NEXT_REDIRECT");
  const request = new Request("http://portal.example/api");
  await expect(handleRoute("/api", leave)(request, undefined)).rejects.toThrow("NEXT_REDIRECT");
});

test("a visitor is asked back soon where the process only has to breathe", () => {
  expect(databaseUnavailable(new PoolSaturatedError("full"))).toMatchObject({
    retryAfterSeconds: 1,
    notSent: true,
  });
  expect(databaseUnavailable(new AcquireTimeoutError("late"))).toMatchObject({ notSent: true });
  expect(
    databaseUnavailable(Object.assign(new Error("taken"), { code: "23505", severity: "ERROR" })),
  ).toBeNull();
  expect(databaseUnavailable(new Error("a bug"))).toBeNull();
});

test("a route's bug is logged with its place and without its message", async () => {
  const bug = async () => {
    throw new Error("the password is hunter2");
  };
  const request = new Request("http://portal.example/api");
  const response = await handleRoute("/api/[id]", bug)(request, undefined);
  expect([response.status, await response.json()]).toEqual([500, { error: "internal" }]);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    event: "web.unexpected_error",
    route: "/api/[id]",
    at: expect.arrayContaining([expect.stringContaining("edges.test.ts")]),
  });
  expect(lines[0]).not.toContain("hunter2");
});
