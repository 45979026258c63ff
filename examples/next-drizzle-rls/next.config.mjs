import { fileURLToPath } from "node:url";

export default {
  // Where other lockfiles lie above this folder, Next would take theirs for the root.
  turbopack: { root: fileURLToPath(new URL(".", import.meta.url)) },
};
