import { setTimeout as sleep } from "node:timers/promises";
import { db, withClient } from "@openhouse/db/client";
import { handleRoute } from "@openhouse/web/route";

/** Holds a connection for `seconds`, by itself or through Drizzle, and takes `afterwards` seconds more without one. */
export const GET = handleRoute("/api/slow", async (request) => {
  const { searchParams } = new URL(request.url);
  const seconds = Number(searchParams.get("seconds"));
  if (searchParams.has("drizzle")) await db.execute(`select pg_sleep(${seconds})`);
  else await withClient((client) => client.query("select pg_sleep($1)", [seconds]));
  await sleep(Number(searchParams.get("afterwards")) * 1000);
  return Response.json({ slept: seconds });
});
