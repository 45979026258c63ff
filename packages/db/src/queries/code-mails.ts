import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { isMailable } from "../email.ts";
import { expectOne } from "../expect-one.ts";
import {
  type CodeMailState,
  developments,
  homeowners,
  onboardingCodes,
  sessions,
  units,
} from "../schema/index.ts";
import { asUuid, isUuid } from "../uuid.ts";
import { aboutHomeOf, noteActivity } from "./activity.ts";
import { newestCode } from "./newest-code.ts";
import { issueOnboardingCode, type OnboardingCodeState, UnknownHomeownerError } from "./onboarding-codes.ts";
import { isActiveSession } from "./sessions.ts";

/** So many mails one code is sent by: somebody's mailbox is no place to practise on. */
export const MOST_MAILS_A_CODE = 5;

/**
 * How it stands with mailing somebody's code when all of a development are sent theirs: `ready` and `failed` may be sent, a code
 * is made for who has none; the others are left alone, and why.
 */
export const MAIL_STANDINGS = [
  "no_address",
  "failed",
  "given_up",
  "uncertain",
  "withdrawn",
  "ready",
  "sending",
  "sent",
  "moved_in",
] as const;
export type MailStanding = (typeof MAIL_STANDINGS)[number];

export interface CodeRecipient {
  homeownerId: string;
  homeownerName: string;
  unitId: string;
  unitLabel: string;
  developmentName: string;
  email: string;
  standing: MailStanding;
  /** Since when the code's latest mail is what it is; null where there was none. */
  mailAt: Date | null;
}

/**
 * Whether somebody is sent theirs when all of a development are: who is `ready`, or with `again` those instead whose last mail had
 * failed until then.
 */
export function isDue(
  { standing, mailAt }: Pick<CodeRecipient, "standing" | "mailAt">,
  again: Date | null,
): boolean {
  if (again === null) return standing === "ready";
  return standing === "failed" && mailAt !== null && mailAt <= again;
}

interface Found extends Omit<CodeRecipient, "standing"> {
  isOpened: boolean;
  codeId: string | null;
  code: string | null;
  codeState: OnboardingCodeState | null;
  expiresAt: Date | null;
  mails: number | null;
  mailClaims: number | null;
  mail: CodeMailState | null;
  isArchived: boolean;
}

/** Homeowners of the lists with their newest code, by their homes' order on paper. One statement. */
function recipientsWhere(db: Database, where: SQL | undefined): Query<Found[]> {
  const newest = newestCode(db);
  const used = db
    .select({ one: sql`1` })
    .from(onboardingCodes)
    .where(
      and(
        eq(onboardingCodes.tenantId, homeowners.tenantId),
        eq(onboardingCodes.homeownerId, homeowners.id),
        isNotNull(onboardingCodes.usedAt),
      ),
    );
  const active = db
    .select({ one: sql`1` })
    .from(sessions)
    .where(
      and(
        eq(sessions.tenantId, homeowners.tenantId),
        eq(sessions.homeownerId, homeowners.id),
        isActiveSession,
      ),
    );
  return db
    .select({
      homeownerId: homeowners.id,
      homeownerName: homeowners.name,
      unitId: units.id,
      unitLabel: units.label,
      developmentName: developments.name,
      email: homeowners.email,
      isOpened: sql<boolean>`(exists (${used}) or exists (${active}))`,
      codeId: newest.id,
      code: newest.code,
      codeState: newest.state,
      expiresAt: newest.expiresAt,
      mails: newest.mails,
      mailClaims: newest.mailClaims,
      mail: newest.mail,
      mailAt: newest.mailAt,
      isArchived: sql<boolean>`(${units.archivedAt} is not null or ${developments.archivedAt} is not null)`,
    })
    .from(homeowners)
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .innerJoin(
      developments,
      and(eq(developments.tenantId, units.tenantId), eq(developments.id, units.developmentId)),
    )
    .leftJoinLateral(newest, sql`true`)
    .where(where);
}

/** In bulk nobody is sent what they have, may have, or were denied. */
function standingOf({ email, isOpened, codeState, mail, mails }: Found): MailStanding {
  if (isOpened || codeState === "used") return "moved_in";
  if (codeState === "revoked") return "withdrawn";
  if (!isMailable(email)) return "no_address";
  if (codeState !== "open" || mail === null) return "ready";
  return mail === "failed" && (mails ?? 0) >= MOST_MAILS_A_CODE ? "given_up" : mail;
}

/** "Flat 10" after "Flat 2", whatever collation the database has. */
const BY_LABEL = new Intl.Collator("en-GB", { numeric: true });

/**
 * Who of a development would be sent a code, and who would not, and why: those first that somebody has to see to, then by their homes. Leaves
 * out what is in the archive. One statement.
 */
export function listCodeRecipients(db: Database, developmentId: string): Query<CodeRecipient[]> {
  const own = and(
    eq(units.developmentId, asUuid(developmentId)),
    isNull(units.archivedAt),
    isNull(developments.archivedAt),
  );
  return mapQuery(recipientsWhere(db, own), (found) =>
    found
      .map(recipientOf)
      .sort(
        (one, other) =>
          MAIL_STANDINGS.indexOf(one.standing) - MAIL_STANDINGS.indexOf(other.standing) ||
          BY_LABEL.compare(one.unitLabel, other.unitLabel) ||
          BY_LABEL.compare(one.homeownerName, other.homeownerName),
      ),
  );
}

function recipientOf(found: Found): CodeRecipient {
  const { homeownerId, homeownerName, unitId, unitLabel, developmentName, email, codeState } = found;
  const mailAt = codeState === "open" ? found.mailAt : null;
  return {
    homeownerId,
    homeownerName,
    unitId,
    unitLabel,
    developmentName,
    email,
    standing: standingOf(found),
    mailAt,
  };
}

/** A mail that nobody else sends: what it holds, and by what it is told of afterwards. */
export interface ClaimedCodeMail {
  codeId: string;
  /** Which of the mails that were begun with the code it is, from 1. */
  claim: number;
  homeownerId: string;
  homeownerName: string;
  unitLabel: string;
  developmentName: string;
  email: string;
  code: string;
  expiresAt: Date;
  /** Whether the code was made for it. */
  isNewCode: boolean;
}

/**
 * Why nobody is sent anything: how it stands with them, `no_code` that is ready to scan, a home that is `archived`, or so many mails
 * that it is enough.
 */
export type CodeMailRefusal = MailStanding | "no_code" | "archived" | "too_many";

/** The code that whoever asks has seen, and how many mails had been begun with it. */
export interface KnownCode {
  codeId: string;
  claims: number;
}

/** For one homeowner's code that is ready to scan; or the mail is one of many, for who {@link isDue}, and who has no code is made one. */
export type CodeMailWish = { known: KnownCode } | { again: Date | null };

export type CodeMailClaim = CodeMailWish & {
  homeownerId: string;
  staffId: string;
  /** Of a code that is made. */
  validForMs: number;
};

/**
 * Notes that a mail with somebody's code is about to be sent, before it is: of two who ask at once the second sees that, and sends
 * nothing. {@link finishCodeMail} says what became of it.
 *
 * @throws {UnknownHomeownerError} the homeowner is not this tenant's.
 */
export function claimCodeMail(
  db: Database,
  { homeownerId, staffId, validForMs, ...wish }: CodeMailClaim,
): Promise<ClaimedCodeMail | CodeMailRefusal> {
  if (!isUuid(homeownerId)) return Promise.reject(new UnknownHomeownerError());
  return db.transaction(async (tx) => {
    const isThis = eq(homeowners.id, homeownerId);
    // As while a code is issued: what is read from then on is what the one before has left.
    await tx.select({ id: homeowners.id }).from(homeowners).where(isThis).for("update");
    const [found] = await recipientsWhere(tx, isThis);
    if (found === undefined) throw new UnknownHomeownerError();
    const refusal = "known" in wish ? refusalOfOne(found, wish.known) : refusalOfMany(found, wish.again);
    if (refusal !== null) return refusal;

    const isNewCode = found.codeState !== "open";
    const code = isNewCode ? await issueOnboardingCode(tx, { homeownerId, validForMs }) : (found.code ?? "");
    if (isNewCode) await noteActivity(tx, { staffId, kind: "code.issued", about: aboutHomeOf(homeownerId) });
    const claimed = expectOne(
      await tx
        .update(onboardingCodes)
        .set({
          // Counted as handed over: whoever ends meanwhile cannot say that it was not.
          mails: sql`${onboardingCodes.mails} + 1`,
          mailClaims: sql`${onboardingCodes.mailClaims} + 1`,
          mailState: "sending",
          mailAt: sql`clock_timestamp()`,
        })
        .where(eq(onboardingCodes.code, code))
        .returning({
          codeId: onboardingCodes.id,
          claim: onboardingCodes.mailClaims,
          expiresAt: onboardingCodes.expiresAt,
        }),
    );
    const { homeownerName, unitLabel, developmentName, email } = found;
    return { ...claimed, homeownerId, homeownerName, unitLabel, developmentName, email, code, isNewCode };
  });
}

/** What the list told of may be over by now: somebody else has sent it, or tried to. */
function refusalOfMany(found: Found, again: Date | null): CodeMailRefusal | null {
  if (found.isArchived) return "archived";
  const recipient = recipientOf(found);
  return isDue(recipient, again) ? null : recipient.standing;
}

/** Whoever asks for one again has seen what became of the one before. */
function refusalOfOne(found: Found, known: KnownCode): CodeMailRefusal | null {
  const { codeId, codeState, email, mail, mails, mailClaims } = found;
  if (codeState !== "open") return "no_code";
  if (codeId !== known.codeId) return "ready";
  if (!isMailable(email)) return "no_address";
  if (mail === "sending") return "sending";
  if (mailClaims !== known.claims) return mail ?? "sending";
  return (mails ?? 0) >= MOST_MAILS_A_CODE ? "too_many" : null;
}

/** What became of a mail; `not_sent`: it failed, and no server was handed it. */
export type CodeMailResult = Exclude<CodeMailState, "sending"> | "not_sent";

/**
 * Notes what became of a mail; one that was sent is in the log of activity, one that no server was handed is not counted. Whoever was
 * given up meanwhile changes nothing.
 */
export function finishCodeMail(
  db: Database,
  { codeId, claim, homeownerId }: Pick<ClaimedCodeMail, "codeId" | "claim" | "homeownerId">,
  { result, staffId }: { result: CodeMailResult; staffId: string },
): Promise<void> {
  return db.transaction(async (tx) => {
    const isNotSent = result === "not_sent";
    const finished = await tx
      .update(onboardingCodes)
      .set({
        mailState: isNotSent ? "failed" : result,
        mailAt: sql`clock_timestamp()`,
        ...(isNotSent && { mails: sql`${onboardingCodes.mails} - 1` }),
      })
      .where(
        and(
          eq(onboardingCodes.id, codeId),
          eq(onboardingCodes.mailClaims, claim),
          eq(onboardingCodes.mailState, "sending"),
        ),
      )
      .returning({ id: onboardingCodes.id });
    if (finished.length > 0 && result === "sent")
      await noteActivity(tx, { staffId, kind: "code.mailed", about: aboutHomeOf(homeownerId) });
  });
}
