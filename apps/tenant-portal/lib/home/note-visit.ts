import { appendCookie } from "@openhouse/web/current-response";
import { arrivedOverTls } from "@openhouse/web/public-url";
import { cookies, headers } from "next/headers";
import { visitsAt, visitsCookie } from "./visits.ts";

const NAME = "openhouse-visits";
const KEPT_FOR_SECONDS = 180 * 24 * 60 * 60;

/**
 * Notes in this browser that the homeowner is here. No row is written: a page costs none, and what is new is so on each device
 * until it was seen there.
 *
 * @returns when their visit before this one ended, in this browser; now, where there was none.
 */
export async function noteVisit(homeownerId: string): Promise<Date> {
  const visits = visitsAt(Date.now(), homeownerId, (await cookies()).get(NAME)?.value);
  const secure = arrivedOverTls((await headers()).get("x-forwarded-proto")) ? "; Secure" : "";
  const value = visitsCookie(homeownerId, visits);
  appendCookie(`${NAME}=${value}; Path=/; Max-Age=${KEPT_FOR_SECONDS}; HttpOnly; SameSite=Lax${secure}`);
  return new Date(visits.previousMs);
}
