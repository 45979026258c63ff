import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import { listActivity } from "../../src/queries/activity.ts";
import {
  type ClaimedCodeMail,
  claimCodeMail,
  finishCodeMail,
  listCodeRecipients,
  MOST_MAILS_A_CODE,
} from "../../src/queries/code-mails.ts";
import { issueOnboardingCode, revokeOnboardingCodes } from "../../src/queries/onboarding-codes.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { AMELIA, BETH, CALLUM, COOPERS_QUAY, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();

const harbour = () => forTenant(HARBOUR);
const claim = (homeownerId: string, knownMails?: number) =>
  claimCodeMail(harbour(), {
    homeownerId,
    staffId: AMELIA,
    validForMs: 60_000,
    ...(knownMails !== undefined && { knownMails }),
  });
async function claimed(homeownerId: string, knownMails?: number): Promise<ClaimedCodeMail> {
  const mail = await claim(homeownerId, knownMails);
  if (typeof mail === "string") throw new Error(mail);
  return mail;
}
const finish = (mail: ClaimedCodeMail, state: "sent" | "failed" | "uncertain") =>
  finishCodeMail(harbour(), mail, { state, staffId: AMELIA });
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

test("of ten that send one code at once a single one sends it, and it is noted once it is sent", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => claim(CALLUM)));
  const mails = all.filter((each) => typeof each !== "string");
  expect(mails).toHaveLength(1);
  expect(all.filter((each) => each === "sending")).toHaveLength(9);
  const [mail] = mails;
  if (mail === undefined) throw new Error("one was let send");
  expect(mail).toMatchObject({ mails: 1, isNewCode: false, email: "callum.doyle@example.com" });
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
  expect(mails).toEqual([expect.objectContaining({ isNewCode: true, mails: 1 })]);
  const { rows } = await superuser(
    sql`select count(*)::int as n from onboarding_codes where homeowner_id = ${CALLUM}`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test("a mail that failed may be sent again, one that may have been sent only by who knows of it", async () => {
  const first = await claimed(CALLUM);
  await finish(first, "failed");
  const second = await claimed(CALLUM);
  await finish(second, "uncertain");
  expect(await claim(CALLUM)).toBe("uncertain");
  // Twice with what one page told: the second has not seen the third mail.
  expect(await claim(CALLUM, 1)).toBe("uncertain");
  const third = await claimed(CALLUM, 2);
  expect(await claim(CALLUM, 2)).toBe("sending");
  await finish(third, "sent");
  expect(await claim(CALLUM, 2)).toBe("sent");
  expect(await claimed(CALLUM, 3)).toMatchObject({ mails: 4 });
});

test("a mail whose sender is gone counts as one that may have been sent, and changes nothing when it comes back", async () => {
  const lost = await claimed(CALLUM);
  await superuser(
    sql`update onboarding_codes set mail_at = now() - interval '6 minutes' where id = ${lost.codeId}`,
  );
  expect((await standings())["Callum Doyle"]).toBe("uncertain");
  expect(await claim(CALLUM)).toBe("uncertain");
  const next = await claimed(CALLUM, 1);
  await finish(lost, "failed");
  expect((await standings())["Callum Doyle"]).toBe("sending");
  await finish(next, "sent");
  expect((await standings())["Callum Doyle"]).toBe("sent");
});

test("one code is sent a few times at most", async () => {
  for (let mails = 0; mails < MOST_MAILS_A_CODE; mails++)
    await finish(await claimed(CALLUM, mails), "failed");
  expect(await claim(CALLUM, MOST_MAILS_A_CODE)).toBe("too_many");
  expect(await claim(CALLUM)).toBe("given_up");
});

test("nobody is sent what was withdrawn or used, or belongs to another company", async () => {
  await revokeOnboardingCodes(harbour(), CALLUM);
  expect(await claim(CALLUM)).toBe("withdrawn");
  expect(await claim(CALLUM, 0)).toBe("no_code");
  expect(await claim(PRIYA)).toBe("moved_in");
  for (const homeownerId of [BETH, "no-uuid"])
    await expect(claim(homeownerId)).rejects.toMatchObject({ code: "UNKNOWN_HOMEOWNER" });
});
