export { Pool } from "@openhouse/pool";
