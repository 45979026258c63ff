// A program for settings.ts: uses a pool of the kind asked for, and has nothing to do then.
import pg from "pg";
import { Pool } from "../../../src/pool.ts";
import { optionsFor } from "../../support/options.ts";

const [, , kind, url = ""] = process.argv;
const options = { ...optionsFor(url), min: 0, idleTimeoutMillis: 0, allowExitOnIdle: true };
const pool = kind === "plain" ? new pg.Pool(options) : new Pool(options);
const client = await pool.connect();
client.release();
const { rows } = await pool.query("select 'served' as outcome");
console.log(rows[0].outcome);
