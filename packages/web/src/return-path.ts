import { safeLink } from "./safe-link.ts";

/** An address of a portal is shorter. */
const MAX_LENGTH = 500;
/** Where nobody wants to return to: the doors, and what is no page. */
const NO_PAGE = /^\/(sign-in|onboard|api|_next)(\/|$|\?)/;

/** Where somebody goes on who has signed in: the path that they wanted, within the portal; "/" for whatever else it says. */
export function returnPath(wanted: unknown): string {
  if (typeof wanted !== "string" || wanted.length > MAX_LENGTH || !wanted.startsWith("/")) return "/";
  const link = safeLink(wanted);
  return link?.kind === "inside" && !NO_PAGE.test(link.path) ? link.path : "/";
}

/** `path`, which takes somebody on to where they wanted to go: "/sign-in?to=%2Fchat". */
export function withReturnPath(path: string, wanted: unknown): string {
  const to = returnPath(wanted);
  return to === "/" ? path : `${path}?to=${encodeURIComponent(to)}`;
}
