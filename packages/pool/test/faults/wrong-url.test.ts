import { expect, test } from "vitest";
import { useDatabase } from "../support/pools.ts";
import { runChild } from "./support/child.ts";

const database = useDatabase();
const PASSWORD = "hunter2-very-secret";
const good = `postgres://app:${PASSWORD}@db.example.com:5432/house`;

/** Each URL with the words that tell what is wrong, or how to write it. */
const REFUSED: [what: string, url: string, says: RegExp][] = [
  ["missing", "", /DATABASE_URL is (missing|empty|not set).*postgres(ql)?:\/\//i],
  ["quoted", `"${good}"`, /quot/i],
  ["with # in the password", `postgres://app:${PASSWORD}#1@db.example.com/house`, /%23/],
  ["with / in the password", `postgres://app:${PASSWORD}/1@db.example.com/house`, /%2F/i],
  ["mysql://", `mysql://app:${PASSWORD}@db.example.com/house`, /mysql:\/\/.*PostgreSQL/],
  ["https://", `https://app:${PASSWORD}@db.example.com/house`, /https:\/\/.*connection string/],
  ["prisma://", `prisma://accelerate.example.com/?api_key=${PASSWORD}`, /prisma.*postgres(ql)?:\/\//i],
  ["with several hosts", `postgres://app:${PASSWORD}@one.example.com,two.example.com/house`, /host/i],
  ["with ?ssl=false", `${good}?ssl=false`, /ssl.*sslmode|DATABASE_SSL/is],
  ["with ?port=abc", `${good}?port=abc`, /port.*abc/i],
];

test.each(REFUSED)(
  "a DATABASE_URL %s is refused at start, and says how to write it",
  async (_what, url, says) => {
    const { code, stdout, stderr } = await runChild("./start.ts", url === "" ? {} : { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("PoolConfigError");
    expect(stderr).toContain("DATABASE_URL");
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain(PASSWORD);
  },
);

test("a password with # and / works where it is written as the error says", async () => {
  const observer = await database.observer();
  const name = "row_17_app";
  await observer.query(`drop role if exists ${name}; create role ${name} login password 'a#b/c'`);
  const url = new URL(database.url());
  url.username = name;
  const encoded = url.href.replace(/\/\/[^@]*@/, `//${name}:a%23b%2Fc@`);
  const { code, stdout } = await runChild("./start.ts", { DATABASE_URL: encoded });
  expect(stdout).toContain(`connected to ${url.pathname.slice(1)}`);
  expect(code).toBe(0);
  await observer.query(`drop role ${name}`);
});
