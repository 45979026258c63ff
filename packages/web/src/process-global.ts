export { processGlobal } from "@openhouse/pool/process";
