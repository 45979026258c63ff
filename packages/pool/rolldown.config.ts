import { readFileSync } from "node:fs";
import { defineConfig } from "rolldown";

const MANIFEST: { exports: Record<string, string> } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);

/**
 * A file an entry point, and one for all that several of them share: Node takes longer to find and read a hundred files than to
 * compile what is in them. Their declarations are the compiler's, a file a source.
 */
export default defineConfig({
  input: Object.fromEntries(Object.values(MANIFEST.exports).map((source) => [nameOf(source), source])),
  platform: "node",
  external: /^[^./]/,
  logLevel: "warn",
  output: {
    dir: "dist",
    sourcemap: true,
    sourcemapExcludeSources: true, // they are published beside it
    comments: { legal: true, annotation: true, jsdoc: false },
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: "shared", test: /packages\/pool\/src\//, minShareCount: 2 }] },
  },
});

function nameOf(source: string): string {
  return source.replace("./src/", "").replace(/\.ts$/, "");
}
