import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { mailCode, mailCodes } from "../src/code-mail.ts";
import { refusals } from "../src/refusals.ts";
import { AMELIA_SESSION } from "./support/staff-session.ts";
import { AMELIA, COOPERS_QUAY, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";
import { unlimitedLog } from "./support/unlimited-log.ts";

const database = tenantDatabase();
unlimitedLog();
const linkOf = (code: string) => `https://home.example.com/onboard/${code}`;
let logged: Record<string, unknown>[];

beforeEach(async () => {
  await database.asSuperuser("delete from rate_limits");
  // Of Cooper's Quay four have not moved in.
  await database.asSuperuser(
    "update onboarding_codes set mails = 0, mail_claims = 0, mail_state = null, mail_at = null",
  );
  refusals.clear();
  logged = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(JSON.parse(String(line))));
  return () => {
    vi.restoreAllMocks();
    for (const name of ["SMTP_URL", "MAIL_FROM", "MAIL_DIR", "CODE_MAILS_AN_HOUR"])
      vi.stubEnv(name, undefined);
  };
});

async function useFolder(): Promise<() => Promise<string[]>> {
  const folder = await mkdtemp(join(tmpdir(), "mails-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  vi.stubEnv("MAIL_DIR", folder);
  return async () =>
    Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), "utf8")));
}

/** An SMTP server whose answers are the test's; null closes the connection. */
async function useServer(answerTo: (line: string) => string | null | undefined): Promise<string[]> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let inData = false;
    let rest = "";
    const say = (text: string | null) => (text === null ? socket.destroy() : socket.write(`${text}\r\n`));
    socket.on("error", () => {});
    say("220 ready");
    socket.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (inData && line !== ".") continue;
        heard.push(line);
        inData = line === "DATA";
        const answer = answerTo(line);
        say(answer === undefined ? (inData ? "354 go on" : "250 yes") : answer);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("MAIL_FROM", "homes@example.com");
  return heard;
}

const run = (more: Partial<Parameters<typeof mailCodes>[1]> = {}) =>
  mailCodes(AMELIA_SESSION, { developmentId: COOPERS_QUAY, linkOf, ...more });
const events = (event: string) => logged.filter((line) => line.event === event);
const idOf = async (name: string) =>
  String((await database.asSuperuser("select id from homeowners where name = $1", [name]))[0]?.id);
const codeIdOf = async (homeownerId: string) =>
  String(
    (
      await database.asSuperuser(
        "select id from onboarding_codes where homeowner_id = $1 order by created_at desc limit 1",
        [homeownerId],
      )
    )[0]?.id,
  );

test("all of a development who have not moved in are sent their codes, batch by batch, each once", async () => {
  const mails = await useFolder();
  expect(await run({ most: 3 })).toEqual({ sent: 3, failed: 0, left: 1 });
  // A double click, and the next batch of both.
  const both = await Promise.all([run({ most: 3 }), run({ most: 3 })]);
  expect(both.map(({ sent }) => sent).sort()).toEqual([0, 1]);
  expect(await run()).toEqual({ sent: 0, failed: 0, left: 0 });
  const texts = await mails();
  const recipients = texts.map((text) => /^To: (.*)$/m.exec(text)?.[1]).sort();
  expect(recipients).toHaveLength(4);
  expect(new Set(recipients).size).toBe(4);
  const codes = await database.asSuperuser(
    "select code from onboarding_codes where mail_state = 'sent' and tenant_id = $1",
    [HARBOUR],
  );
  expect(codes).toHaveLength(4);
  for (const { code } of codes) {
    expect(texts.filter((text) => text.includes(linkOf(String(code))))).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(code);
  }
  expect(events("code.mailed")).toHaveLength(4);
  expect(events("code.issued")).toHaveLength(1); // the code of one was over
  expect(events("code.mailed")[0]).toMatchObject({ tenant: HARBOUR, subject: AMELIA, portal: "developer" });
  expect(JSON.stringify(logged)).not.toContain("@example.com");
});

test("one code is sent once, however often its button is pressed", async () => {
  const mails = await useFolder();
  const homeownerId = await idOf("Callum Doyle");
  const press = async (claims = 0) =>
    mailCode(AMELIA_SESSION, { homeownerId, known: { codeId: await codeIdOf(homeownerId), claims }, linkOf });
  const outcomes = await Promise.all([press(), press(), press()]);
  expect(outcomes.filter(({ outcome }) => outcome === "sent")).toHaveLength(1);
  expect(await press()).toEqual({ outcome: "refused", why: "sent" });
  expect(await mails()).toHaveLength(1);
  expect(await press(1)).toEqual({ outcome: "sent" });
});

test("an address that the server does not take fails by itself, and is tried again once a press", async () => {
  let refused = "callum";
  await useServer((line) =>
    line.startsWith("RCPT TO") && line.includes(refused) ? "550 nobody" : undefined,
  );
  expect(await run()).toEqual({ sent: 3, failed: 1, left: 0 });
  expect(events("web.mail_failed")).toEqual([expect.objectContaining({ code: "EENVELOPE" })]);
  const again = new Date(Date.now() + 1);
  expect(await run({ again })).toEqual({ sent: 0, failed: 1, left: 0 });
  expect(await run({ again })).toEqual({ sent: 0, failed: 0, left: 0 });
  refused = "nobody";
  await vi.waitFor(async () =>
    expect(await run({ again: new Date(Date.now() + 1_000) })).toEqual({ sent: 1, failed: 0, left: 0 }),
  );
});

test("a server that is away stops the run, and what was not begun is still to be sent", async () => {
  vi.stubEnv("SMTP_URL", "smtp://127.0.0.1:1");
  vi.stubEnv("MAIL_FROM", "homes@example.com");
  expect(await run()).toEqual({ sent: 0, failed: 1, left: 3, stoppedBy: "not_sent" });
});

test("an outage that is pressed through gives nobody up", async () => {
  vi.stubEnv("SMTP_URL", "smtp://127.0.0.1:1");
  vi.stubEnv("MAIL_FROM", "homes@example.com");
  await run();
  for (let press = 0; press < 6; press++)
    expect(await run({ again: new Date(Date.now() + 1_000) })).toMatchObject({ failed: 1, left: 0 });
});

test("of two runs at once that try again each address is tried once", async () => {
  const heard = await useServer((line) => (line.startsWith("RCPT TO") ? "550 nobody" : undefined));
  await run();
  const before = heard.filter((line) => line.startsWith("RCPT TO")).length;
  const again = new Date();
  const both = await Promise.all([run({ again }), run({ again })]);
  expect(both.reduce((sum, { failed }) => sum + failed, 0)).toBe(before);
  expect(heard.filter((line) => line.startsWith("RCPT TO"))).toHaveLength(2 * before);
});

test("a server that refuses one address after the other stops the run, and the next one gets past them", async () => {
  const homes = await database.asSuperuser(
    `insert into homeowners (tenant_id, unit_id, name, email)
     select tenant_id, unit_id, 'Late ' || n, 'late' || n || '@example.com' from homeowners, generate_series(1, 5) n
      where name = 'Callum Doyle' returning id`,
  );
  onTestFinished(async () => {
    await database.asSuperuser("delete from homeowners where id = any($1)", [homes.map(({ id }) => id)]);
  });
  let refuses = /./;
  const heard = await useServer((line) =>
    line.startsWith("RCPT TO") && refuses.test(line) ? "550 relaying denied" : undefined,
  );
  expect(await run()).toEqual({ sent: 0, failed: 5, left: 4, stoppedBy: "not_sent" });
  expect(await run({ most: 4 })).toEqual({ sent: 0, failed: 4, left: 0 });
  heard.length = 0;
  const again = () => run({ again: new Date(Date.now() + 1_000) });
  expect(await again()).toEqual({ sent: 0, failed: 5, left: 4, stoppedBy: "not_sent" });
  expect(await again()).toEqual({ sent: 0, failed: 5, left: 4, stoppedBy: "not_sent" });
  expect(new Set(heard.filter((line) => line.startsWith("RCPT TO"))).size).toBe(9);
  // Some that are wrong among others do not.
  refuses = /late[1-4]@/;
  expect(await again()).toEqual({ sent: 5, failed: 4, left: 0 });
});

test("a connection that is lost behind the mail leaves it as perhaps sent, and nobody sends it again unasked", async () => {
  const heard = await useServer((line) => (line === "." ? null : undefined));
  expect(await run()).toEqual({ sent: 0, failed: 1, left: 3, stoppedBy: "uncertain" });
  expect(heard).toContain("DATA");
  expect(await run({ again: new Date(Date.now() + 60_000) })).toEqual({ sent: 0, failed: 0, left: 0 });
  const states = await database.asSuperuser(
    "select mail_state from onboarding_codes where mail_state is not null",
  );
  expect(states).toEqual([{ mail_state: "uncertain" }]);
});

test("a member of staff sends so many an hour, and the next one is told when", async () => {
  const mails = await useFolder();
  vi.stubEnv("CODE_MAILS_AN_HOUR", "2");
  expect(await run()).toMatchObject({
    sent: 2,
    left: 2,
    stoppedBy: { quota: "code_mails_an_hour", most: 2, retryAfterSeconds: expect.any(Number) },
  });
  const homeownerId = await idOf("Callum Doyle");
  const known = { codeId: await codeIdOf(homeownerId), claims: 0 };
  expect(await mailCode(AMELIA_SESSION, { homeownerId, known, linkOf })).toMatchObject({
    outcome: "limited",
  });
  expect(await mails()).toHaveLength(2);
});
