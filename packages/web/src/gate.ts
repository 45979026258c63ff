import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { GUESSES, PER_ADDRESS } from "./allowances.ts";
import { type Allowance, refusedForSeconds } from "./attempts.ts";
import { chooseAddress, trustedProxies } from "./client-address.ts";
import type { InFront } from "./current-response.ts";
import { formatWait } from "./format.ts";
import { type Portal, verifySessionToken } from "./session-token.ts";
import { StrangersTurns } from "./strangers-turns.ts";
import { TooBusyError, WorkLimit } from "./work-limit.ts";

const STRANGERS = { atOnce: 3, maxWaiting: 200, everyMs: 50, calmAfterMs: 1_000 };
/** Who takes longer, such as one who sends a form byte by byte, keeps the place no longer from others. */
const TURN_MS = 1_000;
/**
 * Who is over an allowance waits so long for being told, and so asks less often; the time is drawn, as hundreds who are told together
 * would ask again together.
 */
const REFUSAL = { leastMs: 2_000, mostMs: 4_000, atOnce: 1_000 };
/** Cookies that are known to be ours, so that each is verified once. */
const MAX_REMEMBERED = 10_000;

/** With and without TLS, and one that a sibling site may have planted. To verify one is work, and a header holds hundreds. */
const MAX_LOOKED_AT = 3;
const SESSION_COOKIE = /(?:^|[; ])(?:__Host-)?openhouse-(?:developer|tenant)=(eyJ[\w-]+\.[\w-]+\.[\w-]+)/g;

/** What everybody may have at any time: it costs next to nothing, or it is how the portal is watched. */
const OPEN_TO_ALL =
  /^\/(_next\/static\/|(api\/health\/(live|ready|db)|api\/(metrics|figures|inngest)|icon\.svg)$)/;
/** `next dev` has more of its own, which only its own page asks for; in production each of them would be a rendered "not found". */
const OPEN_IN_DEVELOPMENT = /^\/_next\//;

/** Where guesses are made, and which allowance they use up. */
const DOORS: Record<Portal, { method?: string; path: RegExp; allowance: Allowance }> = {
  developer: { method: "POST", path: /^\/sign-in\/?$/, allowance: PER_ADDRESS },
  tenant: { path: /^\/(onboard\/|sign-in\/link\/|api\/onboarding$)/, allowance: GUESSES },
};

/**
 * What stands in front of Next. Rendering a page for a stranger, be it the one that says no, takes as much of the processor as
 * one for somebody who is signed in. So those who carry a session pass at once, a few of the others at a time and behind those,
 * and who is known to be over an allowance is answered here.
 */
export function gateOf(portal: Portal, { turnMs = TURN_MS } = {}): InFront {
  const strangers = new StrangersTurns(STRANGERS);
  const refusing = new WorkLimit({ atOnce: REFUSAL.atOnce, maxWaiting: 0 });
  const sessions = new KnownTokens(portal);
  const isDevelopment = process.env.NODE_ENV === "development";
  const isOpen = (path: string) =>
    OPEN_TO_ALL.test(path) || (isDevelopment && OPEN_IN_DEVELOPMENT.test(path));

  return async (request, response, pass) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (isOpen(path)) return pass();
    if (await sessions.isIn(request.headers.cookie)) {
      void strangers.noteMember(isOver(response, turnMs));
      return pass();
    }
    const secondsLeft = () => refusedAt(portal, path, request);
    try {
      // Of many who wait because one more may be looked at, the first has taken that look when the next one's turn comes.
      const needsTurn = () => !response.destroyed && secondsLeft() === 0;
      if (secondsLeft() === 0 && (await strangers.run(() => serve(response, pass, turnMs), needsTurn)))
        return;
      await refusing.run(() => sleep(refusalMs()));
      refuse(response, 429, Math.max(1, secondsLeft()), path);
    } catch (error) {
      if (!(error instanceof TooBusyError)) throw error;
      response.shouldKeepAlive = false;
      const seconds = secondsLeft();
      refuse(response, seconds > 0 ? 429 : 503, Math.max(1, seconds), path);
    }
  };
}

const refusalMs = () => REFUSAL.leastMs + Math.random() * (REFUSAL.mostMs - REFUSAL.leastMs);

function serve(response: ServerResponse, pass: () => void, turnMs: number): Promise<void> {
  pass();
  return isOver(response, turnMs);
}

/** How long whoever sends this is still to be refused, in seconds; 0 where they are not. */
function refusedAt(portal: Portal, path: string, request: IncomingMessage): number {
  const { method, path: door, allowance } = DOORS[portal];
  if (!door.test(path) || (method !== undefined && request.method !== method)) return 0;
  // A page's own call of a server action: it refuses by itself, before the first statement, in words that the page can show.
  if (request.headers["next-action"] !== undefined) return 0;
  // A browser that has signed in has attempts of its own; whether it is one is looked at behind.
  if (portal === "developer" && request.headers.cookie?.includes("openhouse-device=")) return 0;
  const forwardedFor = request.headers["x-forwarded-for"];
  const address = chooseAddress({
    peer: request.socket.remoteAddress,
    forwardedFor: Array.isArray(forwardedFor) ? forwardedFor.join() : (forwardedFor ?? null),
    proxies: trustedProxies(),
  });
  return refusedForSeconds(allowance, address);
}

function refuse(response: ServerResponse, status: 429 | 503, retryAfterSeconds: number, path: string): void {
  if (response.destroyed) return;
  const isRoute = path.startsWith("/api/");
  const code = status === 429 ? "too_many_attempts" : "saturated";
  response.writeHead(status, {
    "Cache-Control": "no-store",
    "Content-Type": isRoute ? "application/json" : "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Retry-After": String(retryAfterSeconds),
    "X-Content-Type-Options": "nosniff",
  });
  response.end(isRoute ? JSON.stringify({ error: code }) : pageOf(status, retryAfterSeconds));
}

function pageOf(status: 429 | 503, seconds: number): string {
  const [title, text] =
    status === 429
      ? ["Too many attempts", `There were too many attempts from here. Please wait ${formatWait(seconds)}.`]
      : ["Many people are here right now", "Please try again in a moment."];
  return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`;
}

function isOver(response: ServerResponse, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, atMostMs);
    response.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Which cookies hold a session's token of ours. Whether there is such a session, only the database knows. */
class KnownTokens {
  readonly #portal: Portal;
  readonly #expiry = new Map<string, number>();

  constructor(portal: Portal) {
    this.#portal = portal;
  }

  async isIn(cookies: string | undefined): Promise<boolean> {
    let looked = 0;
    for (const [, token = ""] of (cookies ?? "").matchAll(SESSION_COOKIE)) {
      if (++looked > MAX_LOOKED_AT) return false;
      const known = this.#expiry.get(token);
      if (known !== undefined && known > Date.now()) return true;
      const claims = await verifySessionToken(this.#portal, token);
      if (claims === null) continue;
      this.#remember(token, claims.expiresAt.getTime());
      return true;
    }
    return false;
  }

  #remember(token: string, expiresAtMs: number): void {
    this.#expiry.set(token, expiresAtMs);
    for (const oldest of this.#expiry.keys()) {
      if (this.#expiry.size <= MAX_REMEMBERED) break;
      this.#expiry.delete(oldest);
    }
  }
}
