import type { Query, TenantDatabase } from "@openhouse/db/client";
import { forbidden, notFound, redirect, unstable_rethrow } from "next/navigation";
import { currentPath } from "./current-response.ts";
import { rememberDevice } from "./device-cookie.ts";
import { HttpError } from "./http-error.ts";
import { withReturnPath } from "./return-path.ts";
import { securityLog } from "./security-log.ts";
import {
  currentClaims,
  currentFlight,
  currentSession,
  type HomeownerSession,
  type Portal,
  type Session,
  type SessionClaims,
  type StaffRole,
  type StaffSession,
} from "./session.ts";

/** What staff may be let in as; `operator` is a duty that some have besides. */
type StaffDuty = StaffRole | "operator";

export type Role = StaffDuty | "homeowner";

/** The session with the kind that the roles imply. */
export type SessionFor<Roles extends readonly Role[]> = Roles extends readonly "homeowner"[]
  ? HomeownerSession
  : Roles extends readonly StaffDuty[]
    ? StaffSession
    : Session;

/**
 * Lets a page or an action go on for those roles only: `const session = await requireRole(["developer"])`.
 * Without a session the visitor is sent to /sign-in, which in the homeowners' portal leads back to this page; with another role they see the portal's forbidden page,
 * with status 403 where the portal's next.config has `experimental.authInterrupts`, and its not-found page
 * otherwise.
 *
 * @param portal whose cookie counts. @default the homeowners' for `homeowner`, the developers' for staff
 * roles.
 */
export async function requireRole<const Roles extends readonly Role[]>(
  roles: Roles,
  portal: Portal = portalOf(roles),
): Promise<SessionFor<Roles>> {
  return admitToPage(await currentSession(portal), roles, portal);
}

/** `requireRole` for a session that was looked up already; null is none. */
export async function admitToPage<const Roles extends readonly Role[]>(
  session: Session | null,
  roles: Roles,
  portal: Portal = portalOf(roles),
): Promise<SessionFor<Roles>> {
  if (session === null) redirect(signInPath(portal));
  if (session.kind === "staff") await rememberDevice(session.staff.email);
  if (hasRole(session, roles)) return session;
  tellForbidden(session, portal);
  try {
    forbidden();
  } catch (error) {
    unstable_rethrow(error);
    notFound(); // forbidden() throws an ordinary error where the portal has not turned it on
  }
}

/** What each of the queries finds. */
type Found<T extends readonly Query<unknown>[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * `requireRole`, with what the page is to show: who is signed in and all of `queries` take one round trip together, on one
 * connection. Queries that need the result of another one come behind it.
 *
 * ```ts
 * const [{ homeowner }, home] = await requireRoleWith(["homeowner"], (db, { subjectId }) => [findHome(db, subjectId)]);
 * ```
 *
 * @param queries reads alone, built on `db` for whom the cookie names: they run before anybody knows whether that session is still
 * open, and what they find is returned only where it is.
 */
export async function requireRoleWith<
  const Roles extends readonly Role[],
  const Queries extends readonly Query<unknown>[],
>(
  roles: Roles,
  queries: (db: TenantDatabase, claims: SessionClaims) => Queries,
  portal: Portal = portalOf(roles),
): Promise<[SessionFor<Roles>, ...Found<Queries>]> {
  const claims = await currentClaims(portal);
  if (claims === null) redirect(signInPath(portal));
  const flight = currentFlight(claims.tenantId);
  const asked = queries(flight.db, claims).map((query) => flight.ask(query));
  const found = Promise.all(asked) as Promise<unknown> as Promise<Found<Queries>>;
  const [session, results] = await Promise.all([requireRole(roles, portal), found]);
  return [session, ...results];
}

/**
 * `requireRole` for route handlers.
 *
 * @throws {HttpError} 401 `sign_in_required` or 403 `forbidden`, which `handleRoute` answers.
 */
export async function requireRoleForRoute<const Roles extends readonly Role[]>(
  roles: Roles,
  portal: Portal = portalOf(roles),
): Promise<SessionFor<Roles>> {
  return admitToRoute(await currentSession(portal), roles, portal);
}

/**
 * `requireRoleForRoute` for a session that was looked up already; null is none.
 *
 * @throws {HttpError} as that.
 */
export function admitToRoute<const Roles extends readonly Role[]>(
  session: Session | null,
  roles: Roles,
  portal: Portal = portalOf(roles),
): SessionFor<Roles> {
  if (session === null) throw new HttpError(401, "sign_in_required");
  if (!hasRole(session, roles)) {
    tellForbidden(session, portal);
    throw new HttpError(403, "forbidden");
  }
  return session;
}

/** The homeowners' leads on to the page that was asked for. */
const signInPath = (portal: Portal): string =>
  portal === "tenant" ? withReturnPath("/sign-in", currentPath()) : "/sign-in";

function portalOf(roles: readonly Role[]): Portal {
  return roles.includes("homeowner") ? "tenant" : "developer";
}

function hasRole<Roles extends readonly Role[]>(
  session: Session,
  roles: Roles,
): session is SessionFor<Roles> & Session {
  if (session.kind === "homeowner") return roles.includes("homeowner");
  const { role, isOperator } = session.staff;
  return roles.includes(role) || (isOperator && roles.includes("operator"));
}

function tellForbidden(session: Session, portal: Portal): void {
  const subject = session.kind === "staff" ? session.staff.id : session.homeowner.id;
  securityLog("role.forbidden", { portal, tenant: session.tenantId, subject });
}
