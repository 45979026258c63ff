import type { ScanLoad } from "../plan.ts";
import type { Crowd, Resident } from "./crowd.ts";
import { failureOf } from "./failure.ts";
import type { Answer, Line } from "./http.ts";
import { openLoop } from "./open-loop.ts";
import { type Outcome, perform } from "./perform.ts";

const COOKIE = "openhouse-tenant";

/** Scans at a fixed rate, each with a code of its own from an address of its own; ends when all are answered. */
export async function onboarding(
  crowd: Crowd,
  load: ScanLoad,
  codes: readonly string[],
  onLate: (lateMs: number) => void,
): Promise<void> {
  const scans: Promise<void>[] = [];
  await openLoop({
    ...load,
    aborted: crowd.aborted,
    fire(index, intendedAtMs) {
      onLate(performance.now() - intendedAtMs);
      scans.push(scan(crowd, codes[index] ?? "", index, intendedAtMs));
    },
  });
  await Promise.all(scans);
}

/** The page that the QR code leads to, then the button on it. The scan's time covers both. */
async function scan(crowd: Crowd, code: string, index: number, intendedAtMs: number): Promise<void> {
  const { wantsRetry: retry, line } = crowd;
  const whole = crowd.operation("scan");
  whole.begin();
  const headers = { "x-forwarded-for": addressOf(index) };
  let attempts = 0;
  const page = await perform(crowd.operation("scan, page"), { sinceMs: intendedAtMs, retry }, async () => {
    attempts++;
    const answer = await line.ask({ path: `/onboard/${code}`, headers });
    if (answer.status !== 200) return { failure: failureOf(answer) };
    return answer.body.includes("Open my home") ? { value: true } : { failure: { kind: "wrong page" } };
  });
  let sentBack = false;
  const sinceMs = performance.now();
  const resident =
    page &&
    (await perform(crowd.operation("scan, redeem"), { sinceMs, retry }, async () => {
      attempts++;
      const outcome = await redeem(line, code, headers);
      if ("failure" in outcome && sentBack && outcome.failure.kind === "409 code_used") return KEPT;
      sentBack = "failure" in outcome;
      return outcome;
    }));
  if (resident === null) {
    whole.fail({ kind: page ? "not redeemed" : "no page" });
    whole.lose();
  } else {
    whole.succeed(intendedAtMs, attempts - 1); // both are one where nothing failed
  }
  crowd.scans.push({ code, sessionId: resident && resident.cookie !== "" ? sessionIdOf(resident) : null });
}

/** The attempt before had lost its answer, not its effect: the person is told that the code was used. */
const KEPT: Outcome<Resident> = { value: { code: "", cookie: "" } };

/** Redeems a code as the page does. */
export async function redeem(
  line: Line,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome<Resident>> {
  const answer = await line.ask({ method: "POST", path: "/api/onboarding", headers, json: { code } });
  const cookie = answer.status === 200 ? cookieOf(answer) : null;
  return cookie === null ? { failure: failureOf(answer) } : { value: { code, cookie } };
}

function cookieOf({ headers }: Answer): string | null {
  const lines = [headers["set-cookie"] ?? []].flat();
  return lines.find((line) => line.startsWith(`${COOKIE}=`))?.split(";")[0] ?? null;
}

/** The cookie is a signed token whose claims anybody may read: `sid` names the session's row. */
export function sessionIdOf({ cookie }: Resident): string | null {
  const claims = cookie.split("=")[1]?.split(".")[1];
  if (claims === undefined) return null;
  const { sid }: { sid?: unknown } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
  return typeof sid === "string" ? sid : null;
}

/** Attempts are limited by address; people scan with telephones of their own. */
export function addressOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}
