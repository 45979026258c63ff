import { createHmac, randomBytes } from "node:crypto";
import { keyFor } from "@openhouse/db/auth-secret";
import { dbForStrangers, forTenantAsStranger } from "@openhouse/db/client";
import { findTenantsByHomeownerEmail, mayComeIn } from "@openhouse/db/queries/directory";
import type { Device } from "@openhouse/db/queries/sessions";
import {
  addSignInLink,
  findSignInLink,
  type LinkRedemption,
  listOpenedHomes,
  type OpenedHome,
  redeemSignInLink,
} from "@openhouse/db/queries/sign-in-links";
import { processGlobal } from "@openhouse/pool/process";
import { GUESSES, LINKS_PER_ADDRESS, LINKS_PER_EMAIL } from "./allowances.ts";
import { admit, countInTurn } from "./attempts.ts";
import { countGuess } from "./guesses.ts";
import { log } from "./log.ts";
import { logError } from "./log-error.ts";
import { canSendMail, type Mail, sendMail } from "./mail/send-mail.ts";
import { waitUntil } from "./pending-work.ts";
import { withReturnPath } from "./return-path.ts";
import { securityLog } from "./security-log.ts";
import { currentDevice, type NewSession, sessionExpiry, signSession, startSession } from "./session.ts";
import { setting } from "./settings.ts";
import { TooBusyError, WorkLimit } from "./work-limit.ts";

/** How long a link is good. */
export const LINK_MINUTES = 15;
const VALID_FOR_MS = LINK_MINUTES * 60_000;
const TENANT_BYTES = 16;
const SECRET_BYTES = 32;

/** Mails that are looked up and sent at once, behind the answers, and those that wait. */
const sending = processGlobal("web/sending-links", () => new WorkLimit({ atOnce: 2, maxWaiting: 100 }));

export interface LinkRequest {
  readonly email: string;
  /** The client's, of `clientAddress()`. */
  readonly address: string;
  /** Where the link leads, of `returnPath()`. */
  readonly returnTo: string;
}

export type LinkAnswer = { outcome: "asked" } | { outcome: "limited"; retryAfterSeconds: number };

/**
 * Sends links to an e-mail address, one for each home there that a code has opened. The answer is the same for an address that
 * nobody has, and as early: whether there is one is looked up, and the mail sent, behind it.
 *
 * Asking is counted, 30 an address of the network and 5 an e-mail address in 15 minutes. Who uses those of somebody else up has
 * sent them five links that work.
 *
 * @throws errors of the database while that counts; what fails behind the answer is logged.
 */
export async function askForLink({ email, address, returnTo }: LinkRequest): Promise<LinkAnswer> {
  const account = email.trim().toLowerCase();
  const allowances = [
    { reason: "links_address", allowance: LINKS_PER_ADDRESS, who: address },
    { reason: "links_email", allowance: LINKS_PER_EMAIL, who: account },
  ];
  for (const { allowance, who } of allowances) {
    const known = await admit(allowance, who);
    if (known.limited) return { outcome: "limited", retryAfterSeconds: known.retryAfterSeconds };
  }
  for (const [at, verdict] of (await countInTurn(allowances, dbForStrangers)).entries()) {
    if (!verdict.limited) continue;
    const reason = allowances[at]?.reason;
    if (verdict.isNews) securityLog("auth.limited", { portal: "tenant", address, account, reason });
    return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
  }
  void waitUntil(sendLinks({ email: account, address, returnTo }));
  return { outcome: "asked" };
}

/** Never rejects: nobody waits for it. */
async function sendLinks(request: LinkRequest): Promise<void> {
  try {
    await sending.run(async () => {
      const tenants = canSendMail() ? await findTenantsByHomeownerEmail(dbForStrangers, request.email) : [];
      let sent = 0;
      for (const tenantId of tenants) sent += await sendLinksOf(tenantId, request);
      if (sent > 0) return;
      const { email: account, address } = request;
      securityLog("code.link_refused", { portal: "tenant", account, address, reason: "unknown_account" });
    });
  } catch (error) {
    if (error instanceof TooBusyError) log.error("web.mail_failed", { code: error.code });
    else logError(error, { route: "/sign-in: send a link" });
  }
}

/** @returns to how many homes. */
async function sendLinksOf(tenantId: string, { email, address, returnTo }: LinkRequest): Promise<number> {
  const db = forTenantAsStranger(tenantId);
  const homes = await listOpenedHomes(db, email);
  for (const home of homes) {
    const token = newToken(tenantId);
    const { homeownerId } = home;
    await addSignInLink(db, { homeownerId, tokenHash: hashOf(token), validForMs: VALID_FOR_MS });
    if (!(await isSent(mailFor(home, withReturnPath(`/sign-in/link/${token}`, returnTo))))) continue;
    securityLog("code.link_sent", { portal: "tenant", tenant: tenantId, target: homeownerId, address });
  }
  return homes.length;
}

async function isSent(mail: Mail): Promise<boolean> {
  try {
    await sendMail(mail);
    return true;
  } catch (error) {
    // Its message may hold the recipient's address, which no log holds. No error of the database, whatever its code.
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    log.error("web.mail_failed", { code: typeof code === "string" ? code : "unknown" });
    return false;
  }
}

function mailFor({ email, homeownerName, unitLabel, developmentName, tenantName }: OpenedHome, path: string) {
  const origin = (setting("PUBLIC_URL") ?? "").trim().replace(/\/$/, "");
  return {
    to: email,
    subject: `Your link to ${unitLabel}, ${developmentName}`,
    text: [
      `Hello ${homeownerName},`,
      `this link opens your home, ${unitLabel} in ${developmentName}, on one more device:`,
      `${origin}${path}`,
      `It works once, within ${LINK_MINUTES} minutes. You have not asked for it? Then there is nothing to do: without this mail nobody can use it. Please do not pass it on.`,
      tenantName,
      "",
    ].join("\n\n"),
  };
}

/** What a link's page shows before anything is used up; null for an unknown link. */
export type LinkPreview = Awaited<ReturnType<typeof findSignInLink>> | { state: "limited" };

/** Why a link opened nothing. */
export type LinkRefusal = Exclude<LinkRedemption["outcome"], "redeemed"> | "limited";

/** Looks a link up and changes nothing, so that a mail's scanner cannot burn it. Unknown ones are counted as unknown codes are. */
export async function previewLink(token: string, address: string): Promise<LinkPreview> {
  if ((await admit(GUESSES, address)).limited) return { state: "limited" };
  const tenantId = tenantOf(token);
  const found = tenantId === null ? null : await findSignInLink(forTenantAsStranger(tenantId), hashOf(token));
  if (found !== null) return found;
  return (await countGuess(address)).limited ? { state: "limited" } : null;
}

/** Takes a homeowner back in: uses the link up and opens the session. Server actions and route handlers only. */
export async function openWithLink(
  token: string,
  address: string,
): Promise<{ outcome: "welcome" | LinkRefusal }> {
  const device = await currentDevice();
  const result = await redeemLink(token, address, device);
  if (result.outcome !== "welcome") return result;
  await startSession("tenant", result.session, device);
  return { outcome: "welcome" };
}

/**
 * Uses a link up and writes the homeowner's session, in one statement.
 *
 * @throws errors of the database, those of counting too.
 */
export async function redeemLink(
  token: string,
  address: string,
  device?: Device,
): Promise<{ outcome: "welcome"; session: NewSession } | { outcome: LinkRefusal }> {
  if ((await admit(GUESSES, address)).limited) return { outcome: "limited" };
  const tenantId = tenantOf(token);
  const expiresAt = sessionExpiry("tenant");
  const used =
    tenantId === null
      ? ({ outcome: "unknown" } as const)
      : await redeemSignInLink(forTenantAsStranger(tenantId), hashOf(token), {
          sessionExpiresAt: expiresAt,
          device,
        });
  if (tenantId === null || used.outcome !== "redeemed") {
    if (used.outcome === "unknown" && (await countGuess(address)).limited) return { outcome: "limited" };
    return { outcome: used.outcome === "redeemed" ? "unknown" : used.outcome };
  }
  const { homeownerId, sessionId } = used;
  securityLog("code.link_redeemed", { portal: "tenant", tenant: tenantId, subject: homeownerId, address });
  return {
    outcome: "welcome",
    session: await signSession("tenant", { tenantId, homeownerId }, { id: sessionId, expiresAt }),
  };
}

/** The company's id, so that its rows can be looked at, and 256 random bits. */
function newToken(tenantId: string): string {
  const company = Buffer.from(tenantId.replaceAll("-", ""), "hex");
  return Buffer.concat([company, randomBytes(SECRET_BYTES)]).toString("base64url");
}

/** Whose link this would be; null for what is none. */
function tenantOf(token: string): string | null {
  if (!/^[\w-]{64}$/.test(token)) return null;
  const hex = Buffer.from(token, "base64url").subarray(0, TENANT_BYTES).toString("hex");
  const tenantId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  return mayComeIn(tenantId) ? tenantId : null;
}

/** Keyed, so that nobody with the table alone makes a link, or tells which one a row is. */
const hashOf = (token: string): string =>
  createHmac("sha256", keyFor("sign-in links")).update(token).digest("hex");
