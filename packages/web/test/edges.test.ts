import { AcquireTimeoutError, CommitUnknownError, PoolSaturatedError } from "@openhouse/pool";
import { redirect } from "next/navigation";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardAction } from "../src/action.ts";
import { asForm, id, oneOf, readForm, readInput, text } from "../src/action-input.ts";
import { databaseUnavailable } from "../src/database-unavailable.ts";
import { handleRoute } from "../src/route.ts";
import { unlimitedLog } from "./support/unlimited-log.ts";

const lines: string[] = [];
unlimitedLog();

beforeEach(() => {
  lines.length = 0;
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => lines.push(String(line)));
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

const ID = "0b6d2a9e-5a30-8d5c-9a2f-0123456789ab";

test.each<[string, () => unknown, string]>([
  ["a list for an id", () => readInput(id, [ID]), "argument: invalid_type"],
  ["an id that is none", () => readInput(id, "hunter2"), "argument: custom"],
  ["NUL in a text", () => readInput(text(100), "a\0hunter2"), "argument: custom"],
  ["half of a character", () => readInput(text(100), "\ud83chunter2"), "argument: custom"],
  ["a text that is too long", () => readInput(text(5), "hunter2"), "argument: too_big"],
  ["no form", () => asForm("hunter2"), "argument: invalid_type"],
  ["a form without a field", () => readForm({ homeowner: id }, new FormData()), "homeowner: invalid_type"],
  [
    "a file for a text",
    () => readForm({ code: text(9) }, formWith("code", new File([], "hunter2"))),
    "code: invalid_type",
  ],
  [
    "a word that is not known",
    () => readForm({ change: oneOf("issue") }, formWith("change", "hunter2")),
    "change: invalid_value",
  ],
])(
  "an action called with %s says so, in one line of the log without the value",
  async (_what, read, reason) => {
    const action = guardAction("/form", async () => ({ ok: true, read: read() }));
    expect(await action()).toEqual({ ok: false, error: expect.stringContaining("could not be read") });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.any(String),
        level: "warn",
        event: "web.action_refused",
        route: "/form",
        reasons: [reason],
      },
    ]);
  },
);

test("an action reads what its form sends", () => {
  expect(readInput(id, ID)).toBe(ID);
  const shape = { title: text(9), change: oneOf("issue", "withdraw").optional() };
  expect(readForm(shape, formWith("title", "Café 🏠"))).toEqual({ title: "Café 🏠" });
});

function formWith(name: string, value: string | File): FormData {
  const form = new FormData();
  form.set(name, value);
  return form;
}

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
