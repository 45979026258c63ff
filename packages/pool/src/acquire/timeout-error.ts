import { classifyError } from "../errors/classify.ts";
import { AcquireTimeoutError } from "../errors/errors.ts";
import type { ConnectFailure, Outage } from "../sizing/connector.ts";
import type { PoolStats } from "../telemetry/stats.ts";
import type { Checkout } from "./checkout.ts";

/** Holders named in the message: those who have held longest. */
const HOLDERS_NAMED = 3;

/** What has become of attempts to connect. */
interface ConnectState {
  readonly lastFailure: ConnectFailure | undefined;
  readonly outage: Outage | undefined;
}

/** The error of a caller who waited in vain: how busy the pool is, who holds it, and why it could not grow. */
export function acquireTimeout(
  timeoutMs: number,
  { usedCount, max, waitingCount, connectingCount }: PoolStats,
  checkouts: Iterable<Checkout>,
  { lastFailure: failure, outage }: ConnectState,
): AcquireTimeoutError {
  const counts = `${usedCount} of ${max} in use, ${connectingCount} being opened, ${waitingCount} waiting`;
  const longest = [...checkouts].sort((a, b) => a.startedAtMs - b.startedAtMs).slice(0, HOLDERS_NAMED);
  const holders = longest.map(
    ({ heldMs, callSite }) => `${Math.round(heldMs)} ms${callSite === undefined ? "" : ` at ${callSite}`}`,
  );
  const parts = [
    `timeout exceeded when trying to connect: no connection came free within ${timeoutMs} ms: ${counts}`,
  ];
  if (holders.length > 0) parts.push(`held longest: ${holders.join(", ")}`);
  if (failure !== undefined) {
    parts.push(
      `connecting failed ${Math.round(performance.now() - failure.atMs)} ms ago: ${classifyError(failure.error).kind}`,
    );
    if (outage !== undefined && outage.failures > 1)
      parts.push(`${outage.failures} attempts have failed in ${Math.round(outage.outageMs)} ms`);
  } else if (connectingCount > 0 && usedCount === 0) parts.push("connecting has not succeeded yet");
  return new AcquireTimeoutError(parts.join("; "), failure === undefined ? {} : { cause: failure.error });
}
