import { npmVersion } from "drizzle-orm/version";
import { expect, test } from "vitest";
import { assertDrizzle } from "../src/drizzle/drizzle-check.ts";

test("the Drizzle that is installed is supported, and so are later ones", () => {
  for (const version of [
    npmVersion,
    "0.45.4",
    "0.46.0",
    "1.0.0-rc.1",
    "1.0.0-rc.5-ab12",
    "1.0.0",
    "1.3.1",
    "2.0.0",
    "next",
  ])
    expect(() => assertDrizzle(version)).not.toThrow();
});

test("an older one, which would keep what a transaction rolls back, is refused with what to install", () => {
  for (const version of ["0.30.10", "0.44.7", "0.45.3", "1.0.0-beta.22", "1.0.0-alpha.1"]) {
    const refused = expect(() => assertDrizzle(version));
    refused.toThrow(expect.objectContaining({ code: "POOL_CONFIG" }));
    refused.toThrow(`drizzle-orm ${version} gives a transaction over this pool no connection of its own`);
  }
});
