import { report } from "./small-job.mjs";

const refusal = await import("@openhouse/pool").catch((error) => error);
const { code, message = "" } = refusal;
const told =
  code === "POOL_CONFIG" &&
  message.includes("pg is older than 8.21") &&
  message.includes("install pg >=8.21");
report([told ? { name: "refused" } : { name: "refused", wrong: `${code}: ${message}` }]);
