import { expect, test } from "vitest";
import { judgeDns, judgeTls } from "../src/checks/network.ts";
import { callsPerRow } from "../src/checks/policy-calls.ts";
import { judgePooler } from "../src/checks/pooler.ts";
import { END_OF_LIFE, judgeAge } from "../src/checks/server.ts";

test.each([
  [{ isLocal: true, encrypted: false, version: null, verified: false }, "ok"],
  [{ isLocal: false, encrypted: false, version: null, verified: false }, "wrong"],
  [{ isLocal: false, encrypted: true, version: "TLSv1.3", verified: false }, "warn"],
  [{ isLocal: false, encrypted: true, version: "TLSv1.1", verified: true }, "warn"],
  [{ isLocal: false, encrypted: true, version: "TLSv1.3", verified: true }, "ok"],
  // Behind a pooler the server knows nothing of the client's own connection.
  [{ isLocal: false, encrypted: true, version: null, verified: true }, "ok"],
])("TLS of %o is %s", (seen, level) => {
  expect(judgeTls(seen).map((found) => found.level)).toEqual([level]);
});

test.each([
  [{ tookMs: 3, addresses: ["10.0.0.1"] }, "ok", "db.example: 10.0.0.1 in 3 ms"],
  [{ tookMs: 3, addresses: ["10.0.0.1", "fd00::1"] }, "ok", "10.0.0.1, fd00::1"],
  [{ tookMs: 3, addresses: ["10.0.0.1", "10.0.0.2", "fd00::1"] }, "note", "2 addresses of one kind"],
  [{ tookMs: 101, addresses: ["10.0.0.1", "10.0.0.2"] }, "warn", "took 101 ms"],
])("a look-up of %o is %s", (seen, level, what) => {
  expect(judgeDns({ host: "db.example", ...seen })).toEqual([
    expect.objectContaining({ level, what: expect.stringContaining(what) }),
  ]);
});

test.each([
  [{ sharesByTransaction: false, namesSurvive: null }, "auto", "note", "session mode"],
  [
    { sharesByTransaction: true, namesSurvive: false },
    "on",
    "wrong",
    "forgets named statements, which the pool uses",
  ],
  [{ sharesByTransaction: true, namesSurvive: false }, "off", "note", "which are off"],
  [
    { sharesByTransaction: true, namesSurvive: null, refusesTransactions: true },
    "off",
    "wrong",
    "a pooler in statement mode",
  ],
  [{ sharesByTransaction: true, namesSurvive: true }, "on", "note", "keeps named statements"],
  [
    { sharesByTransaction: true, namesSurvive: true },
    "auto",
    "note",
    "keeps named statements, which are off",
  ],
  [
    { sharesByTransaction: true, namesSurvive: false },
    "auto",
    "note",
    "forgets named statements, which are off",
  ],
  [{ sharesByTransaction: true, namesSurvive: null }, "on", "warn", "could not be seen"],
])("a pooler of %o, with names %s, is %s", (seen, prepare, level, what) => {
  expect(judgePooler(seen, prepare)).toEqual([
    expect.objectContaining({ level, what: expect.stringContaining(what) }),
  ]);
});

test.each([
  [200_000_000, []],
  [300_000_001, ["warn"]],
  [1_000_000_001, ["wrong"]],
])("a transaction id that is %d old is %o", (age, levels) => {
  expect(judgeAge("transaction id", age, "openhouse").map(({ level }) => level)).toEqual(levels);
});

test("every version in the table has a year more than the one before", () => {
  const ends = Object.entries(END_OF_LIFE).map(([major, end]) => Number(end.slice(0, 4)) - Number(major));
  expect(new Set(ends)).toEqual(new Set([2012]));
});

test.each([
  [
    "(tenant_id = (current_setting('app.tenant'::text, true))::uuid)",
    ["current_setting('app.tenant'::text, true)"],
  ],
  ["(tenant_id = guard.tenant())", ["guard.tenant()"]],
  ["((tenant_id = auth.uid()) AND (auth.role() = 'a'::text))", ["auth.uid()", "auth.role()"]],
  ["(tenant_id = ( SELECT current_tenant.tenant\n   FROM guard.current_tenant))", []],
  ["(tenant_id = ( SELECT guard.tenant() AS tenant))", []],
  ["(tenant_id = ( SELECT f(')'::text) AS f))", []],
  ["((tenant_id = ( SELECT a() AS a)) OR b())", ["b()"]],
  ["(lower(email) = lower((CURRENT_USER)::text))", []],
  ["(name = 'now()'::text)", []],
  ["true", []],
])("of the policy %s the calls for each row are %o", (expression, calls) => {
  expect(callsPerRow(expression)).toEqual(calls);
});
