import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDERS = [
  "packages/web/src",
  ...["developer-portal", "tenant-portal"].flatMap((portal) =>
    readdirSync(`${ROOT}apps/${portal}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && ["app", "components"].includes(entry.name))
      .map(({ name }) => `apps/${portal}/${name}`),
  ),
];
const SCROLLS = /["'`]([^"'`\n]*\boverflow-(?:[xy]-)?(?:auto|scroll)\b[^"'`\n]*)["'`]/g;
const POSITIONED = /(?:^|\s)(?:relative|absolute|fixed|sticky)(?:\s|$)/;

/** What is taken out of the flow in there, such as a heading for screen readers, would else make the whole page as tall as what scrolls. */
test("whatever scrolls by itself is positioned", () => {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".tsx"))
      .flatMap((file) => {
        const source = readFileSync(`${ROOT}${folder}/${file}`, "utf8");
        return Array.from(source.matchAll(SCROLLS), ([, classes = ""]) => ({ file, classes }));
      }),
  );
  expect(found.length).toBeGreaterThan(2);
  expect(found.filter(({ classes }) => !POSITIONED.test(classes))).toEqual([]);
});
