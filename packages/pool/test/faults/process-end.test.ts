import { processEnd, WORKS } from "@openhouse/tooling/faults/process-end";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

describe("a process that has nothing else to do ends at once after", () => {
  test.each(WORKS)("%s", async (work) => {
    const end = await processEnd(database.ours(), work);
    expect(end).toEqual({ exitCode: 0, signal: "none", stderr: "", endsAtOnce: true });
  });
});

test("at a signal every pool is closed, and the signal ends the process", async () => {
  const end = await processEnd(database.ours(), "a signal");
  expect(end).toMatchObject({ exitCode: "none", signal: "SIGTERM", stderr: "" });
  const { rows } = await (await database.observer()).query(
    "select count(*)::int as left from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  expect(rows).toEqual([{ left: 0 }]);
});

test("where the signal has no effect, as on PID 1, the process exits with the code of that end, both pools closed", async () => {
  const end = await processEnd(database.ours(), "a signal without effect");
  expect(end).toEqual({ exitCode: 143, signal: "none", stderr: "", openPools: 0 });
});
