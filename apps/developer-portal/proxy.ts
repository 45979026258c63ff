import { servePage } from "@openhouse/web/proxy";

export const proxy = servePage;

/** Pages, and what is none of ours. The rest has one policy for all: see `@openhouse/web/next-config`. */
export const config = { matcher: "/((?!api/|_next/static|icon.svg).*)" };
