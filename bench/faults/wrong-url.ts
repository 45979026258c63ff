import { inspect } from "node:util";
import { readSettings } from "@openhouse/pool";
import pg from "pg";
import type { Kind, Lab } from "./lab.ts";

export const fault = "a DATABASE_URL that cannot be right";
const PASSWORD = "s3cr3t";
const URLS = [
  undefined,
  `"postgres://app:${PASSWORD}@db.example/app"`,
  `postgres://app:${PASSWORD}#1@db.example/app`,
  `mysql://app:${PASSWORD}@db.example/app`,
  `https://app:${PASSWORD}@db.example/app`,
  `prisma://app:${PASSWORD}@db.example/app`,
  `postgres://app:${PASSWORD}@a.example,b.example/app`,
  `postgres://app:${PASSWORD}@db.example/app?port=abc`,
];

export async function measure(kind: Kind, _: Lab): Promise<string> {
  const errors = URLS.map((url) => refusal(kind, url));
  const refused = errors.filter((error) => error !== undefined);
  const printing = refused.filter((error) => inspect(error).includes(PASSWORD)).length;
  return `${refused.length} of ${URLS.length} refused at start, ${printing} print the password`;
}

function refusal(kind: Kind, url: string | undefined): unknown {
  try {
    if (kind === "ours") readSettings({ DATABASE_URL: url });
    else new pg.Pool(url === undefined ? {} : { connectionString: url });
    return undefined;
  } catch (error) {
    return error;
  }
}
