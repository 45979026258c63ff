import { inspect } from "node:util";
import type { BenchContext } from "./context.ts";
import { refusalOf } from "./garbage-settings.ts";

export const PASSWORD = "hunter2-very-secret";
const GOOD = `postgres://app:${PASSWORD}@db.example.com:5432/house`;

/** Each URL with the words that tell what is wrong, or how to write it. */
export const URLS: readonly [what: string, url: string, says: RegExp][] = [
  ["missing", "", /DATABASE_URL is (missing|empty|not set).*postgres(ql)?:\/\//i],
  ["quoted", `"${GOOD}"`, /quot/i],
  ["with # in the password", `postgres://app:${PASSWORD}#1@db.example.com/house`, /%23/],
  ["with / in the password", `postgres://app:${PASSWORD}/1@db.example.com/house`, /%2F/i],
  ["mysql://", `mysql://app:${PASSWORD}@db.example.com/house`, /mysql:\/\/.*PostgreSQL/],
  ["https://", `https://app:${PASSWORD}@db.example.com/house`, /https:\/\/.*connection string/],
  ["prisma://", `prisma://accelerate.example.com/?api_key=${PASSWORD}`, /prisma.*postgres(ql)?:\/\//i],
  [
    "with more ports than hosts",
    `postgres://app:${PASSWORD}@one.example.com,two.example.com/house?port=1,2,3`,
    /3 ports for 2 hosts/,
  ],
  ["with ?ssl=false", `${GOOD}?ssl=false`, /ssl.*sslmode|DATABASE_SSL/is],
  ["with ?port=abc", `${GOOD}?port=abc`, /port.*abc/i],
];

export async function wrongUrl({ kind }: BenchContext) {
  const errors = URLS.map(([, url]) => refusalOf(kind, url === "" ? {} : { DATABASE_URL: url }));
  const refused = errors.filter((error) => error !== undefined);
  const printing = refused.filter((error) => inspect(error).includes(PASSWORD));
  return { refusedAtStart: `${refused.length} of ${URLS.length}`, printThePassword: printing.length };
}
