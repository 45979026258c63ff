import { createRequire } from "node:module";
import pg from "pg";
import { expect, test } from "vitest";
import { PoolConfigError } from "../src/errors/errors.ts";
import { assertSupported } from "../src/pg/driver-check.ts";

const nativeQuery: { prototype: object } = createRequire(import.meta.url)("pg/lib/native/query");

test("the pg that is installed is supported", () => {
  expect(() => assertSupported(pg)).not.toThrow();
});

test("pg before 8.21 is refused with a stable code and what to install", () => {
  class Client {}
  const old = () => assertSupported({ Client, Query: pg.Query });
  expect(old).toThrow(PoolConfigError);
  expect(old).toThrow(expect.objectContaining({ code: "POOL_CONFIG" }));
  expect(old).toThrow(/pg is older than 8\.21.*install pg >=8\.21 <9/);
});

test("pg-native as pg's client is refused by the name of what turns it on", () => {
  for (const driver of [{ Client: pg.Client, Query: nativeQuery }, { Client: pg.Client }])
    expect(() => assertSupported(driver)).toThrow(/NODE_PG_FORCE_NATIVE .* unset it/);
});
