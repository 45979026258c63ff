import { failureOf } from "./failure.ts";
import type { Line } from "./http.ts";
import type { Outcome, Resident, VirtualUsers } from "./virtual-users.ts";

const COOKIE = "openhouse-tenant";

/** The page that the QR code leads to, then the button on it. The scan's time covers both. */
export async function scan(
  users: VirtualUsers,
  code: string,
  index: number,
  intendedAtMs: number,
): Promise<void> {
  const whole = users.operation("scan");
  whole.begin();
  const headers = { "x-forwarded-for": addressOf(index) };
  let attempts = 0;
  const page = await users.perform("scan, page", intendedAtMs, async () => {
    attempts++;
    const answer = await users.line.ask({ path: `/onboard/${code}`, headers });
    if (answer.status !== 200) return { failure: failureOf(answer) };
    return answer.body.includes("Open my home") ? { value: true } : { failure: { kind: "wrong page" } };
  });
  let sentBack = false;
  const resident =
    page &&
    (await users.perform("scan, redeem", performance.now(), async () => {
      attempts++;
      const outcome = await redeem(users.line, code, headers);
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
  users.scans.push({ code, sessionId: resident && resident.cookie !== "" ? sessionIdOf(resident) : null });
}

/** The attempt before had lost its answer, not its effect: the person is told that the code was used. */
const KEPT: Outcome<Resident> = { value: { code: "", cookie: "" } };

/** Redeems a code as the page does. */
export async function redeem(
  line: Line,
  code: string,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome<Resident>> {
  const answer = await line.ask({ method: "POST", path: "/api/onboarding", headers, json: { code } });
  const cookies = [answer.headers["set-cookie"] ?? []].flat();
  const cookie = cookies.find((each) => each.startsWith(`${COOKIE}=`))?.split(";")[0];
  return answer.status === 200 && cookie !== undefined
    ? { value: { code, cookie } }
    : { failure: failureOf(answer) };
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
