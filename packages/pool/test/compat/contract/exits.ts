// A program for settings.ts: uses a pool of the kind asked for, and has nothing to do then.
import pg from "pg";
import { Pool } from "../../../src/pool.ts";
import { optionsFor } from "../../support/options.ts";

const [, , kind, url = "", settings = "{}"] = process.argv;
const options = { ...optionsFor(url), ...JSON.parse(settings) };
const pool = kind === "plain" ? new pg.Pool(options) : new Pool(options);
const client = await pool.connect();
client.release();
const servedAtMs = performance.now(); // at the latest when the connection becomes idle
const { rows } = await pool.query("select 'served' as outcome");
process.on("exit", () => {
  console.log(
    rows[0].outcome,
    performance.now() - servedAtMs < options.idleTimeoutMillis ? "at once" : "later",
  );
});
