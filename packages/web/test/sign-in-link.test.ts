import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forTenant } from "@openhouse/db/client";
import { isMailable } from "@openhouse/db/email";
import { issueOnboardingCode, redeemOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LINKS_PER_EMAIL } from "../src/allowances.ts";
import { issueCode, withdrawAccess } from "../src/homeowner-access.ts";
import { pendingWorkCount, pendingWorkDone } from "../src/pending-work.ts";
import { refusals } from "../src/refusals.ts";
import { sessionOfToken } from "../src/session.ts";
import { askForLink, previewLink, redeemLink } from "../src/sign-in-link.ts";
import { AMELIA, asTenant, HARBOUR, tenantDatabase } from "./support/tenant-database.ts";
import { unlimitedLog } from "./support/unlimited-log.ts";

const database = tenantDatabase();
unlimitedLog();
const address = "203.0.113.9";
const device = { browser: "Firefox", system: "Linux" };
let folder: string;
let lines: string[];
let home: { id: string; email: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mails-"));
  vi.stubEnv("MAIL_DIR", folder);
  vi.stubEnv("PUBLIC_URL", "http://localhost:3001");
  await database.asSuperuser("delete from rate_limits");
  await database.asSuperuser("delete from onboarding_codes where tenant_id = $1", [HARBOUR]);
  refusals.clear();
  lines = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  const [row] = await asTenant(HARBOUR, "select id, email from homeowners order by id limit 1");
  home = row as typeof home;
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** As the homeowner does with their paper. */
async function openHome(): Promise<void> {
  const code = await issueOnboardingCode(forTenant(HARBOUR), { homeownerId: home.id, validForMs: 60_000 });
  await redeemOnboardingCode(forTenant(HARBOUR), code, { sessionExpiresAt: new Date(Date.now() + 60_000) });
}

const ask = async (email: string, returnTo = "/", from = address) => {
  const answer = await askForLink({ email, address: from, returnTo });
  await pendingWorkDone();
  return answer;
};

const mails = async () =>
  Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), "utf8")));

async function newToken(): Promise<string> {
  await ask(home.email);
  return /\/sign-in\/link\/([\w-]+)/.exec((await mails()).at(-1) ?? "")?.[1] ?? "";
}

const staff = {
  kind: "staff",
  sessionId: AMELIA,
  tenantId: HARBOUR,
  tenantName: "Harbour Vale",
  expiresAt: new Date(),
  staff: { id: AMELIA, name: "Amelia", email: "", role: "developer", isOperator: false },
} as const;

test("a homeowner whose home a code has opened is sent a link, and it lets them in once, on this device", async () => {
  await openHome();
  expect(await ask(` ${home.email.toUpperCase()} `, "/documents/1?passage=2")).toEqual({ outcome: "asked" });
  const [mail = ""] = await mails();
  expect(mail).toContain(`To: ${home.email}\n`);
  const [, token = "", to] = /http:\/\/localhost:3001\/sign-in\/link\/([\w-]{64})(\S*)\n/.exec(mail) ?? [];
  expect(to).toBe("?to=%2Fdocuments%2F1%3Fpassage%3D2");

  expect(await previewLink(token, address)).toMatchObject({ state: "open" });
  const redeemed = await redeemLink(token, address, device);
  if (redeemed.outcome !== "welcome") throw new Error(`got ${redeemed.outcome}`);
  expect(await sessionOfToken("tenant", redeemed.session.token)).toMatchObject({
    kind: "homeowner",
    homeowner: { id: home.id },
  });
  expect(await redeemLink(token, address, device)).toEqual({ outcome: "used" });
  expect(await previewLink(token, address)).toMatchObject({ state: "used" });
  expect(lines.join("\n")).toMatch(/code\.link_sent[\s\S]*code\.link_redeemed/);
});

test("the answer is the same, and is there before anything was looked up, whether or not an address is on file", async () => {
  await openHome();
  const answers = [];
  for (const email of [home.email, "nobody@example.com"]) {
    answers.push(await askForLink({ email, address, returnTo: "/" }));
    expect(pendingWorkCount()).toBe(1);
    await pendingWorkDone();
  }
  expect(answers).toEqual([{ outcome: "asked" }, { outcome: "asked" }]);
  expect(await mails()).toHaveLength(1);
});

test("an address that nobody has, and a home that no code has opened, are sent nothing", async () => {
  await issueOnboardingCode(forTenant(HARBOUR), { homeownerId: home.id, validForMs: 60_000 });
  for (const email of [home.email, "nobody@example.com", "\0", "a@example.com, b@example.com"])
    expect(await ask(email)).toEqual({ outcome: "asked" });
  expect(await mails()).toEqual([]);
  expect(lines.filter((line) => line.includes("code.link_refused"))).toHaveLength(4);
});

test("no log holds the address, the link or its secret, also where the mail cannot be sent", async () => {
  await openHome();
  const token = await newToken();
  const file = join(folder, (await readdir(folder))[0] ?? "");
  vi.stubEnv("MAIL_DIR", join(file, "no-folder"));
  await ask(home.email);
  expect(lines.join("\n")).toContain("web.mail_failed");
  for (const secret of [home.email, token, address]) expect(lines.join("\n")).not.toContain(secret);
});

test("the database keeps a hash of the link and not the link", async () => {
  await openHome();
  const token = await newToken();
  const rows = await database.asSuperuser("select to_jsonb(sign_in_links) as row from sign_in_links");
  expect(rows).not.toHaveLength(0);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test("a mailbox gets five mails in a quarter of an hour, whoever asks; an unknown address is counted alike", async () => {
  await openHome();
  for (const email of [home.email, "nobody@example.com"]) {
    for (let count = 0; count < LINKS_PER_EMAIL.attempts; count++)
      expect(await ask(email, "/", `198.51.100.${count}`)).toEqual({ outcome: "asked" });
    expect(await ask(email, "/", "198.51.100.99")).toMatchObject({ outcome: "limited" });
  }
  expect(await mails()).toHaveLength(LINKS_PER_EMAIL.attempts);
});

test("an address of the network asks thirty times", async () => {
  for (let count = 0; count < 30; count++) await ask(`nobody${count}@example.com`);
  expect(await ask("another@example.com")).toMatchObject({ outcome: "limited" });
  expect(await ask("another@example.com", "/", "198.51.100.1")).toEqual({ outcome: "asked" });
});

test("a link that is made up, of no company, or too long is unknown, and counted as a guess", async () => {
  for (const token of ["", "\0", "x".repeat(64), "A".repeat(64), "x".repeat(100_000)]) {
    expect(await previewLink(token, address)).toBeNull();
    expect(await redeemLink(token, address)).toEqual({ outcome: "unknown" });
  }
  for (let count = 0; count < 21; count++) await redeemLink("x".repeat(64), address);
  expect(await previewLink("x".repeat(64), address)).toEqual({ state: "limited" });
});

test("a link is good for a quarter of an hour", async () => {
  await openHome();
  const token = await newToken();
  const [row] = await database.asSuperuser(
    "select extract(epoch from max(expires_at - created_at))::int as seconds from sign_in_links",
  );
  expect(row).toEqual({ seconds: 900 });
  await database.asSuperuser("update sign_in_links set expires_at = now()");
  expect(await redeemLink(token, address)).toEqual({ outcome: "expired" });
});

test("who was taken out by the staff comes back with a new code alone", async () => {
  await openHome();
  const token = await newToken();
  await withdrawAccess(staff, { homeownerId: home.id, sessionsStay: false });
  expect(await redeemLink(token, address)).toEqual({ outcome: "closed" });
  await openHome();
  const later = await newToken();
  await issueCode(staff, { homeownerId: home.id, knowsItIsOpen: true, endsSessions: true });
  expect(await redeemLink(later, address)).toEqual({ outcome: "closed" });
});

test("who is left signed in may still come back by a link", async () => {
  await openHome();
  const token = await newToken();
  await withdrawAccess(staff, { homeownerId: home.id, sessionsStay: true });
  expect(await redeemLink(token, address)).toMatchObject({ outcome: "welcome" });
});

test("what no mail can be sent to is told by its form", () => {
  for (const email of ["", "a", "a@", "@b", "a b@c", "a@b,c@d", `${"a".repeat(250)}@b.co`])
    expect(isMailable(email), email).toBe(false);
  expect(isMailable("a+b@c.example")).toBe(true);
});
