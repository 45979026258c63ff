// A process for garbage-settings and wrong-url: starts as an application does, from its environment, and asks the database one question.
import { readSettings } from "../../../src/config/env.ts";
import { Pool } from "../../../src/pool.ts";

const { options } = readSettings(process.env);
const pool = new Pool(options);
console.log("started");
const { rows } = await pool.query("select current_database() as name");
console.log(`connected to ${rows[0].name}`);
await pool.end();
