import { CallSite } from "../telemetry/call-site.ts";
import type { RouteTally } from "../telemetry/route-tally.ts";
import { type CheckoutScope, currentCheckoutScope } from "./checkout-scope.ts";

/** What a caller wants, beside a connection. */
export interface AcquireRequest {
  /** Whether the caller gets the client in hand, to run several statements. */
  readonly hasClient: boolean;
  /** Whether an idle connection may be checked out before the call returns; pg-pool's `connect()` does it in the next tick. */
  readonly immediate: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Whose callers take turns with those of others. */
  readonly tenant?: string | undefined;
  /** Where the caller asks, if it was taken before: where the request is made, the stack may not lead there. */
  readonly callSite?: CallSite | undefined;
}

/** Who asks for a connection. */
export interface Caller {
  readonly hasClient: boolean;
  /** Where the caller asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  readonly scope: CheckoutScope | undefined;
  /** Where the statements are counted of the route that the caller answers, if one is known. */
  readonly route: RouteTally | undefined;
}

/** Who the running code asks for. @param wantsCallSite whether the place is wanted in any case. */
export function callerOf(
  { hasClient, callSite }: AcquireRequest,
  wantsCallSite: boolean,
  route: RouteTally | undefined,
): Caller {
  const scope = currentCheckoutScope();
  const isWanted = wantsCallSite || scope !== undefined;
  return { hasClient, callSite: callSite ?? (isWanted ? new CallSite() : undefined), scope, route };
}
