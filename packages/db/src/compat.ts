import { CheckoutScope, runInCheckoutScope } from "@openhouse/pool";
import { log } from "./log.ts";
import { closePool } from "./resources.ts";

/**
 * Wraps a route handler: what the handler checked out and did not return is taken back when it is done, and told.
 * A handler that answers with a stream is done when the stream is.
 */
export function withDbCleanup<Arguments extends unknown[], Result>(
  handler: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    const scope = new CheckoutScope();
    let streaming = false;
    try {
      const result = await runInCheckoutScope(scope, () => handler(...args));
      if (!(result instanceof Response) || result.body === null) return result;
      streaming = true;
      const body = untilDone(result.body, scope);
      // The same type: a subclass of Response cannot be told from here, and none is lost by its status and headers.
      return new Response(body, result) as Result;
    } finally {
      if (!streaming) takeBack(scope);
    }
  };
}

/** Kept for callers of an earlier system: connections go back by themselves. Does nothing. */
export async function releaseConnection(): Promise<void> {}

export const closeDbConnection: typeof releaseConnection = releaseConnection;

/** Closes the pool; see {@link closePool}. */
export const closeAllConnections: typeof closePool = closePool;

function takeBack(scope: CheckoutScope): void {
  for (const callSite of scope.takeBack()) log.warn("db.pool.reclaimed", { callSite });
}

/** The same stream, read inside `scope`; at its end, failure or cancellation the scope takes back. */
function untilDone(source: ReadableStream<Uint8Array>, scope: CheckoutScope): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await runInCheckoutScope(scope, () => reader.read());
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      takeBack(scope);
    },
    async cancel(reason) {
      await reader.cancel(reason).finally(() => takeBack(scope));
    },
  });
}
