/** `util.inspect.custom`, as Node documents it for those who do without the import: node:util has Node load more than this. */
export const INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");
