import { servePage } from "@openhouse/web/proxy";

export const proxy = servePage;

export const config = { matcher: "/((?!api/|_next/static).*)" };
