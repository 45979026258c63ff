// A process for row 21: is stopped while its pool is idle, and uses it the moment it goes on.
import { openStack } from "../lab.ts";

const [, , kind = "", url = ""] = process.argv;
const { pool } = openStack(kind === "ours" ? "ours" : "plain", url, { max: 4, application_name: "sleeper" });
await Promise.all(Array.from({ length: 4 }, () => pool.query("select pg_sleep(0.1)")));

let lastMs = performance.now();
let asked = false;
const pulse = setInterval(async () => {
  const gapMs = performance.now() - lastMs;
  lastMs = performance.now();
  if (asked || gapMs < 500) return;
  asked = true; // frozen and thawed: this is the first thing to run
  clearInterval(pulse);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => pool.query("select 1")));
  console.log(JSON.stringify({ failed: outcomes.filter(({ status }) => status === "rejected").length }));
  process.exit(0);
}, 10);
console.log(JSON.stringify({ open: pool.idleCount }));
