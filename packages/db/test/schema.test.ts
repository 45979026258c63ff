import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { expect, test } from "vitest";
import * as schema from "../src/schema/index.ts";

test("the schema asks for nothing that the migrations do not make", async () => {
  const folder = fileURLToPath(new URL("../migrations/meta/", import.meta.url));
  const newest = readdirSync(folder)
    .filter((file) => file.endsWith("_snapshot.json"))
    .sort()
    .at(-1);
  const migrated = JSON.parse(readFileSync(`${folder}${newest}`, "utf8"));
  const missing = await generateMigration(migrated, generateDrizzleJson({ ...schema }, migrated.id));
  expect(missing, "run `npm run db:generate`").toEqual([]);
});

test("a check that is added to a table with rows reads none of them through", () => {
  const folder = fileURLToPath(new URL("../migrations/", import.meta.url));
  const added = readdirSync(folder)
    // Those before are applied wherever they had to be.
    .filter((file) => file.endsWith(".sql") && file > "0011")
    .flatMap((file) => readFileSync(`${folder}${file}`, "utf8").split("--> statement-breakpoint"))
    .filter((statement) => /^ALTER TABLE .* ADD CONSTRAINT .* CHECK /m.test(statement));
  expect(added.length).toBeGreaterThan(0);
  expect(added.filter((statement) => !/ NOT VALID;\s*$/.test(statement))).toEqual([]);
});
