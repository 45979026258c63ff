import { CallSite } from "../telemetry/call-site.ts";
import { type CheckoutScope, currentCheckoutScope } from "./checkout-scope.ts";

/** What a caller wants, beside a connection. */
export interface AcquireRequest {
  /** Whether the caller gets the client in hand and may change its session: then it is reset afterwards. */
  readonly raw: boolean;
  /** Whether an idle connection may be lent before the call returns; pg-pool's `connect()` lends it in the next tick. */
  readonly immediate: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Where the caller asks, if it was taken before: where the request is made, the stack may not lead there. */
  readonly callSite?: CallSite | undefined;
}

/** Who gets a connection. */
export interface Borrower {
  readonly raw: boolean;
  /** Where the borrower asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  readonly scope: CheckoutScope | undefined;
}

/** Who the running code asks for. @param wantsCallSite whether the place is wanted in any case. */
export function borrowerOf({ raw, callSite }: AcquireRequest, wantsCallSite: boolean): Borrower {
  const scope = currentCheckoutScope();
  const isWanted = wantsCallSite || scope !== undefined;
  return { raw, callSite: callSite ?? (isWanted ? new CallSite() : undefined), scope };
}
