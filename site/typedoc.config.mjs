const ENTRIES = ["index", "drizzle", "http", "otel", "process", "tenants"];

/** The reference: what the pool's entry points export, by their docstrings. */
export default {
  entryPoints: ENTRIES.map((name) => `../packages/pool/src/${name}.ts`),
  tsconfig: "../packages/pool/tsconfig.build.json",
  plugin: ["typedoc-plugin-markdown"],
  out: "reference",
  name: "@openhouse/pool",
  readme: "none",
  excludeExternals: true, // what is pg's own
  excludeInternal: true,
  disableSources: true,
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  pageTitleTemplates: {
    module: ({ name }) => (name === "index" ? "@openhouse/pool" : `@openhouse/pool/${name}`),
    member: ({ kind, name }) => `${name} (${kind.toLowerCase()})`,
  },
};
