import { countChecks } from "../check-line.ts";
import type { Group, Row } from "../row.ts";

export const NODE: Group = {
  name: "node",
  title: "Node, as an ES module and by `require`",
  rows: ["20", "22", "24", "26"].map(nodeRow),
};

function nodeRow(major: string): Row {
  return {
    name: `node-${major}`,
    what: "import and require, ten checks each",
    async try(outside) {
      const node = await outside.node(major);
      const project = await outside.project("pg@latest");
      const esm = await project.checks(node.path, ["esm.mjs"], { MATRIX_URL: await outside.database() });
      const commonjs = await project.checks(node.path, ["commonjs.cjs"], {
        MATRIX_URL: await outside.database(),
      });
      const [one, other] = [countChecks(esm, "import: "), countChecks(commonjs, "require: ")];
      return {
        versions: `Node ${node.version}, pg ${project.version("pg")}`,
        checks: one.checks + other.checks,
        wrong: [...one.wrong, ...other.wrong],
      };
    },
  };
}
