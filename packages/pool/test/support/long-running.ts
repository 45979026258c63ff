// A process for lifecycle.test.ts: runs one slow statement over a pool that closes on signals.

import { Pool } from "../../src/pool.ts";
import { closeOnSignals, takeOverSignals } from "../../src/process/shutdown.ts";
import { optionsFor } from "./options.ts";

const [, , url = "", seconds = "1", mode] = process.argv;
const pool = new Pool(optionsFor(url));
closeOnSignals(() => {
  console.log("draining");
  return pool.end();
});
if (mode === "taken-over") {
  takeOverSignals();
  process.on("SIGTERM", () => {
    console.log("somebody else's handler");
    process.exit(7);
  });
}
const client = await pool.connect();
const running = client.query("select pg_sleep($1)", [Number(seconds)]);
console.log("running");
await running;
console.log("statement done");
client.release();
