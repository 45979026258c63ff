import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import { listActivity } from "../../src/queries/activity.ts";
import {
  type ClaimedCodeMail,
  type CodeMailResult,
  type CodeMailWish,
  claimCodeMail,
  finishCodeMail,
  listCodeRecipients,
  MOST_MAILS_A_CODE,
} from "../../src/queries/code-mails.ts";
import { changeHomeowner } from "../../src/queries/homeowner-changes.ts";
import {
  issueOnboardingCode,
  redeemOnboardingCode,
  revokeOnboardingCodes,
} from "../../src/queries/onboarding-codes.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { AMELIA, BETH, CALLUM, COOPERS_QUAY, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();

const harbour = () => forTenant(HARBOUR);
const claim = (homeownerId: string, wish: CodeMailWish = { again: null }) =>
  claimCodeMail(harbour(), { homeownerId, staffId: AMELIA, validForMs: 60_000, ...wish });
async function claimed(homeownerId: string, wish?: CodeMailWish): Promise<ClaimedCodeMail> {
  const mail = await claim(homeownerId, wish);
  if (typeof mail === "string") throw new Error(mail);
  return mail;
}
/** What a page told of a homeowner's code: that so many mails were begun with it. */
async function known(homeownerId: string, claims: number): Promise<CodeMailWish> {
  const { rows } = await superuser(
    sql`select id from onboarding_codes where homeowner_id = ${homeownerId} order by created_at desc limit 1`,
  );
  return { known: { codeId: String(rows[0]?.id), claims } };
}
const failedUntilNow = (): CodeMailWish => ({ again: new Date(Date.now() + 1_000) });
const finish = (mail: ClaimedCodeMail, result: CodeMailResult) =>
  finishCodeMail(harbour(), mail, { result, staffId: AMELIA });
const standings = async () => {
  const people = await listCodeRecipients(harbour(), COOPERS_QUAY);
  return Object.fromEntries(people.map(({ homeownerName, standing }) => [homeownerName, standing]));
};
const superuser = (statement: ReturnType<typeof sql>) => beyondGrants().execute(statement);

beforeEach(async () => {
  await issueOnboardingCode(harbour(), { homeownerId: CALLUM, validForMs: 60_000 });
});

test("who gets a mail, who does not, and why, those first that somebody has to see to", async () => {
  await superuser(sql`update homeowners set email = 'none' where name = 'Owen Blackwood'`);
  const people = await listCodeRecipients(harbour(), COOPERS_QUAY);
  expect(people.map(({ homeownerName, standing }) => [homeownerName, standing])).toEqual([
    ["Owen Blackwood", "no_address"],
    ["Callum Doyle", "ready"],
    ["Ines Moreau", "ready"], // her code is over: she gets a new one
    ["Hannah Blackwood", "ready"],
    ["Priya Nair", "moved_in"],
    ["Samir Haddad", "moved_in"],
  ]);
  expect(await listCodeRecipients(forTenant(NORTHGATE), COOPERS_QUAY)).toEqual([]);
  expect(await listCodeRecipients(harbour(), "no-uuid")).toEqual([]);
  await superuser(sql`update units set archived_at = now() where label = 'Flat 2'`);
  expect(Object.keys(await standings())).not.toContain("Callum Doyle");
  await superuser(sql`update units set archived_at = null where label = 'Flat 2'`);
});

test("what is in the archive is listed for no mail, and a run that has listed it before sends none", async () => {
  for (const table of ["units", "developments"] as const) {
    const is = sql`exists (select 1 from units u join homeowners h on h.unit_id = u.id
      where h.id = ${CALLUM} and ${sql.identifier(table)}.id in (u.id, u.development_id))`;
    await superuser(sql`update ${sql.identifier(table)} set archived_at = now() where ${is}`);
    expect(await standings(), table).not.toHaveProperty("Callum Doyle");
    expect(await claim(CALLUM), table).toBe("archived");
    await superuser(sql`update ${sql.identifier(table)} set archived_at = null where ${is}`);
  }
  expect(await standings()).toHaveProperty("Callum Doyle");
});

test("of ten that send one code at once a single one sends it, and it is noted once it is sent", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => claim(CALLUM)));
  const mails = all.filter((each) => typeof each !== "string");
  expect(mails).toHaveLength(1);
  expect(all.filter((each) => each === "sending")).toHaveLength(9);
  const [mail] = mails;
  if (mail === undefined) throw new Error("one was let send");
  expect(mail).toMatchObject({ claim: 1, isNewCode: false, email: "callum.doyle@example.com" });
  const latest = async () => (await listActivity(harbour(), { limit: 1 })).entries[0];
  expect((await latest())?.kind).not.toBe("code.mailed");
  await finish(mail, "sent");
  expect(await latest()).toMatchObject({ kind: "code.mailed", about: "Flat 2, Cooper's Quay" });
  expect(await claim(CALLUM)).toBe("sent");
  expect((await standings())["Callum Doyle"]).toBe("sent");
});

test("who has no code that works is made one, once, however many ask", async () => {
  await superuser(sql`delete from onboarding_codes where homeowner_id = ${CALLUM}`);
  const all = await Promise.all(Array.from({ length: 5 }, () => claim(CALLUM)));
  const mails = all.filter((each) => typeof each !== "string");
  expect(mails).toEqual([expect.objectContaining({ isNewCode: true, claim: 1 })]);
  const { rows } = await superuser(
    sql`select count(*)::int as n from onboarding_codes where homeowner_id = ${CALLUM}`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test("a mail that failed may be sent again, one that may have been sent only by who knows of it", async () => {
  const first = await claimed(CALLUM);
  await finish(first, "failed");
  // Whoever listed it as ready meanwhile, or has listed it before it failed, leaves it alone.
  expect(await claim(CALLUM)).toBe("failed");
  expect(await claim(CALLUM, { again: new Date(Date.now() - 60_000) })).toBe("failed");
  const second = await claimed(CALLUM, failedUntilNow());
  await finish(second, "uncertain");
  expect(await claim(CALLUM)).toBe("uncertain");
  // Twice with what one page told: the second has not seen the third mail.
  expect(await claim(CALLUM, await known(CALLUM, 1))).toBe("uncertain");
  const third = await claimed(CALLUM, await known(CALLUM, 2));
  expect(await claim(CALLUM, await known(CALLUM, 2))).toBe("sending");
  await finish(third, "sent");
  expect(await claim(CALLUM, await known(CALLUM, 2))).toBe("sent");
  expect(await claimed(CALLUM, await known(CALLUM, 3))).toMatchObject({ claim: 4 });
});

test("a mail whose sender is gone counts as one that may have been sent, and changes nothing when it comes back", async () => {
  const lost = await claimed(CALLUM);
  await superuser(
    sql`update onboarding_codes set mail_at = now() - interval '6 minutes' where id = ${lost.codeId}`,
  );
  expect((await standings())["Callum Doyle"]).toBe("uncertain");
  expect(await claim(CALLUM)).toBe("uncertain");
  const next = await claimed(CALLUM, await known(CALLUM, 1));
  await finish(lost, "failed");
  expect((await standings())["Callum Doyle"]).toBe("sending");
  await finish(next, "sent");
  expect((await standings())["Callum Doyle"]).toBe("sent");
});

test("one code is sent a few times at most", async () => {
  for (let claims = 0; claims < MOST_MAILS_A_CODE; claims++)
    await finish(await claimed(CALLUM, await known(CALLUM, claims)), "failed");
  expect(await claim(CALLUM, await known(CALLUM, MOST_MAILS_A_CODE))).toBe("too_many");
  expect(await claim(CALLUM, failedUntilNow())).toBe("given_up");
});

test("a mail that no server was handed is not counted, and whoever sends it is known by its number", async () => {
  const lost = await claimed(CALLUM);
  await finish(lost, "not_sent");
  for (let claims = 1; claims < MOST_MAILS_A_CODE + 2; claims++)
    await finish(await claimed(CALLUM, await known(CALLUM, claims)), "not_sent");
  expect((await standings())["Callum Doyle"]).toBe("failed");
  const { claim: number } = await claimed(CALLUM, failedUntilNow());
  expect(number).toBe(MOST_MAILS_A_CODE + 3);
  await finish(lost, "sent");
  expect((await standings())["Callum Doyle"]).toBe("sending");
});

test("whoever was shown a code does not send another", async () => {
  const seen = await known(CALLUM, 0);
  await issueOnboardingCode(harbour(), { homeownerId: CALLUM, validForMs: 60_000 });
  expect(await claim(CALLUM, seen)).toBe("ready");
  expect(await claimed(CALLUM, await known(CALLUM, 0))).toMatchObject({ claim: 1 });
});

test("a code that was mailed to an address that was wrong is withdrawn with it, one on paper is not", async () => {
  const kinds = async () => {
    const { entries } = await listActivity(harbour(), { limit: 2 });
    return entries.map(({ kind }) => kind).sort();
  };
  const change = (email: string, name = "Callum Doyle") =>
    changeHomeowner(harbour(), AMELIA, { id: CALLUM, name, email });
  const right = "callum.doyle@example.com";
  expect(await change("c@example.com"), "on paper").toEqual({ codeWithdrawn: false });
  await finish(await claimed(CALLUM), "not_sent");
  expect(await change("d@example.com"), "never handed over").toEqual({ codeWithdrawn: false });
  const mail = await claimed(CALLUM, failedUntilNow());
  expect(await change("D@Example.com", "C. Doyle"), "the same address").toEqual({ codeWithdrawn: false });
  expect(await change(right), "while it is being sent").toEqual({ codeWithdrawn: true });
  expect(await kinds()).toEqual(["code.withdrawn", "homeowner.changed"]);
  await finish(mail, "sent");
  expect(await claim(CALLUM)).toBe("withdrawn");
  expect(await claim(CALLUM, await known(CALLUM, 1))).toBe("no_code");
  expect(
    await redeemOnboardingCode(harbour(), mail.code, { sessionExpiresAt: new Date(Date.now() + 60_000) }),
  ).toEqual({ outcome: "revoked" });
});

test("nobody is sent what was withdrawn or used, or belongs to another company", async () => {
  await revokeOnboardingCodes(harbour(), CALLUM);
  expect(await claim(CALLUM)).toBe("withdrawn");
  expect(await claim(CALLUM, await known(CALLUM, 0))).toBe("no_code");
  expect(await claim(PRIYA)).toBe("moved_in");
  for (const homeownerId of [BETH, "no-uuid"])
    await expect(claim(homeownerId)).rejects.toMatchObject({ code: "UNKNOWN_HOMEOWNER" });
});
