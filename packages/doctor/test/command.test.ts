import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "@openhouse/pool";
import { afterAll, expect, test } from "vitest";
import { CHECKS, IGNORE_CHECK, type Report, readConfigFile, runDoctor, USAGE } from "../src/index.ts";
import { lookAt, ROOT, withPatient } from "./support/planted.ts";

const directory = mkdtempSync(join(tmpdir(), "openhouse-doctor-"));
afterAll(() => rmSync(directory, { recursive: true }));

async function run(env: Record<string, string>, args: string[], useColor = false) {
  const printed: string[] = [];
  const code = await runDoctor({
    args,
    settings: () => readSettings(env),
    directory: ROOT,
    print: (text) => printed.push(text),
    useColor,
  });
  return { code, output: printed.join("\n") };
}

test("the exit code is 1 where something is wrong and 0 where nothing is, as a table and as JSON", async () => {
  await withPatient(async ({ database, superuser }) => {
    const env = { DATABASE_URL: database.appUrl, DATABASE_URL_OWNER: database.superuserUrl };
    const healthy = await run(env, ["--json"]);
    expect(healthy.code).toBe(0);
    const report: Report = JSON.parse(healthy.output);
    expect(report.version).toBe(1);
    expect(new Set(report.findings.map(({ id }) => id))).toEqual(new Set(CHECKS.map(({ id }) => id)));
    for (const finding of report.findings) {
      expect(finding).toEqual({
        id: expect.stringMatching(/^[a-z]+(_[a-z]+)*$/),
        title: expect.any(String),
        level: expect.stringMatching(/^(ok|note|warn|wrong|skip)$/),
        ...(finding.object !== undefined && { object: expect.any(String) }),
        what: expect.stringMatching(/./),
        why: expect.stringMatching(/./),
        change: expect.any(String),
      });
    }
    expect(report.ignored).toHaveLength(2);
    for (const { reason } of report.ignored) expect(reason).toMatch(/./);

    await superuser.query("create policy everybody on units for select using (true)");
    const sick = await run(env, []);
    expect(sick.code).toBe(1);
    expect(sick.output).toMatch(
      /^WRONG {2}policy_always_true +everybody of public\.units has using \(true\)\n +why: .*\n +change: alter policy/,
    );
    expect(sick.output).toMatch(/1 wrong, 0 warn, .* 2 ignored with a reason$/);
    expect(sick.output).not.toContain(new URL(database.appUrl).password);
    expect(sick.output).not.toContain("\x1b");
  });
}, 60_000);

test("what the role cannot see is skipped, with what would show it, and never right", async () => {
  await withPatient(async (patient) => {
    const { superuser, database, app } = patient;
    await superuser.query("create table tickets (id serial primary key)");
    const findings = await lookAt(patient, { env: { DATABASE_URL_OWNER: database.appUrl } });
    const skipped = findings.filter(({ level }) => level === "skip");
    expect(skipped.map(({ id }) => id)).toEqual([
      "pool_size",
      "long_transactions",
      "sequences",
      "migrations",
    ]);
    for (const { change } of skipped) expect(change).toMatch(/pg_monitor|DATABASE_URL_OWNER|--sample/);
    for (const { id } of skipped) expect(findings.filter((finding) => finding.id === id)).toHaveLength(1);
    expect(skipped[1]?.what).toContain(`${app} does not see the transactions of other roles`);
  });
}, 60_000);

test("where nothing can be reached everything else is skipped", async () => {
  const { code, output } = await run({ DATABASE_URL: "postgres://app:secret@127.0.0.1:1/none" }, ["--json"]);
  const { findings }: Report = JSON.parse(output);
  expect(code).toBe(1);
  expect(findings.filter(({ level }) => level === "wrong")).toEqual([
    expect.objectContaining({
      id: "connect",
      what: "DATABASE_URL leads to no connection: connection_refused",
    }),
  ]);
  const ok = findings.filter(({ level }) => level === "ok").map(({ id }) => id);
  expect(ok).toEqual(["environment", "dns"]);
  expect(output).not.toContain("secret");
});

test("the load that was sampled is that of the role's connections", async () => {
  await withPatient(async (patient) => {
    const client = await patient.connect(patient.database.appUrl);
    await client.query("begin; select 1");
    const options = { sampleMs: 300, instances: 1, longTransactionMs: 60_000 };
    const [found] = (await lookAt(patient, { options })).filter(({ id }) => id === "pool_size");
    expect(found?.what).toMatch(/^1 busy of 20: \d+ would do$/);
  });
}, 60_000);

test.each([
  [["--jsno"], "--jsno"],
  [["--busy", "5"], "--busy and --hold-ms go together"],
  [["--instances", "many"], '--instances takes a number above 0, not "many"'],
  [["--instances", "1.5"], "--instances takes a whole number"],
  [["--sample", "0"], "--sample takes a number above 0"],
])("%o is refused with the usage", async (args, words) => {
  const refused = run({}, args);
  await expect(refused).rejects.toThrow(words);
  await expect(refused).rejects.toThrow(USAGE.split("\n")[0]);
});

test("--help tells what it takes, and looks at nothing", async () => {
  expect(await run({}, ["--help"])).toEqual({ code: 0, output: USAGE });
});

test("colours are for a terminal", async () => {
  const { output } = await run({ DATABASE_URL: "nonsense" }, [], true);
  expect(output).toContain("\x1b[31;1mWRONG\x1b[0m");
});

test.each([
  ["{", "cannot be read"],
  ["[]", "is no object"],
  ['{ "tenant": "x" }', 'has "tenant"; known are tenantColumn'],
  ['{ "instances": 0 }', "a whole number from 1"],
  ['{ "ignore": [{ "object": "x" }] }', 'must have a list of { "id"'],
  ['{ "ignore": [{ "id": "x", "why": "y" }] }', 'must have a list of { "id"'],
])("a file that says %s is refused", (text, words) => {
  const path = join(directory, "doctor.json");
  writeFileSync(path, text);
  expect(() => readConfigFile(path)).toThrow(words);
});

test("docs/operating/doctor.md has a row for every check, and no other", () => {
  const [page = ""] = readFileSync(join(ROOT, "docs/operating/doctor.md"), "utf8").split("\n## ");
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, id]) => id);
  expect(rows).toEqual([...CHECKS.map(({ id }) => id), IGNORE_CHECK.id]);
});
