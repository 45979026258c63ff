import { database } from "../../../../lib/database.ts";

export const dynamic = "force-dynamic";

/** Point a load balancer here: 200 where the database answers, 503 where it does not and while the process is going. */
export const GET = (request: Request): Promise<Response> | Response => database().health.ready(request);
