import { AsyncResource } from "node:async_hooks";

type Callback = (...values: never[]) => unknown;

/**
 * Has a callback run in the async context of the code that passes it. Else it would run in that of whoever opened the
 * socket, or of whoever gave a connection back.
 */
export function bindCallback<T extends Callback>(callback: T): T {
  return AsyncResource.bind(callback as unknown as () => unknown) as unknown as T;
}
