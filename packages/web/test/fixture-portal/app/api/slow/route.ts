import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "@openhouse/db/client";
import { handleRoute } from "@openhouse/web/route";

/** Holds a connection for `seconds`, and takes `afterwards` seconds more without one. */
export const GET = handleRoute("/api/slow", async (request) => {
  const { searchParams } = new URL(request.url);
  const seconds = Number(searchParams.get("seconds"));
  await withClient((client) => client.query("select pg_sleep($1)", [seconds]));
  await sleep(Number(searchParams.get("afterwards")) * 1000);
  return Response.json({ slept: seconds });
});
