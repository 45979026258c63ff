import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitepress";
import { anchorOf, mapLinks } from "./links.ts";
import { leftOut, pages, sidebar } from "./pages.ts";

export default defineConfig({
  title: "@openhouse/pool",
  description: "A pg.Pool that does not lose connections, data or tenants",
  lang: "en",
  srcDir: "..",
  srcExclude: leftOut(),
  rewrites: Object.fromEntries(pages),
  outDir: "dist",
  markdown: { anchor: { slugify: anchorOf }, config: mapLinks },
  vite: {
    plugins: [findPackagesHere()],
    build: { chunkSizeWarningLimit: 2_000 }, // kB: the index of the search is one
  },
  themeConfig: {
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    search: { provider: "local" },
    nav: [
      { text: "API", link: "/api" },
      { text: "Faults", link: "/FAULTS" },
      { text: "From pg.Pool", link: "/PG_POOL_DIFFERENCES" },
    ],
  },
});

/** Pages are compiled to modules outside of this folder, whose packages are installed in it. */
function findPackagesHere(): Plugin {
  const importer = join(import.meta.dirname, "config.ts");
  return {
    name: "find-packages-here",
    enforce: "pre",
    resolveId(id, from, options) {
      if (!/^vue(\/|$)/.test(id)) return null;
      // What renders the pages at the build is put into this folder, and finds Vue by itself.
      if (options.ssr) return { id, external: true };
      return from?.endsWith(".md") ? this.resolve(id, importer, { ...options, skipSelf: true }) : null;
    },
  };
}
