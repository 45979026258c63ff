import { AsyncLocalStorage } from "node:async_hooks";
import { processGlobal } from "../process/process-global.ts";
import type { CallSite } from "../telemetry/call-site.ts";

/** A connection that somebody holds, and where they took it. */
interface Checkout {
  release(destroy: boolean): void;
  readonly callSite: CallSite | undefined;
}

/** What one handler has checked out and not yet returned. */
export class CheckoutScope {
  readonly #checkouts = new Set<Checkout>();

  /** Notes a checkout; call the result when it is returned. */
  add(checkout: Checkout): () => void {
    this.#checkouts.add(checkout);
    return () => this.#checkouts.delete(checkout);
  }

  /**
   * Takes back what was forgotten. The connections are destroyed, because nobody knows what still runs on them.
   *
   * @returns where each of them was checked out.
   */
  takeBack(): string[] {
    const forgotten = [...this.#checkouts];
    this.#checkouts.clear();
    for (const checkout of forgotten) checkout.release(true);
    return forgotten.map(({ callSite }) => String(callSite ?? "unknown"));
  }
}

const storage = /* @__PURE__ */ processGlobal("checkout-scope", () => new AsyncLocalStorage<CheckoutScope>());

/** Runs `work` so that its checkouts, and those of all it awaits, are noted in `scope`. */
export function runInCheckoutScope<T>(scope: CheckoutScope, work: () => T): T {
  return storage.run(scope, work);
}

/** The scope of the code that is running, if it has one. */
export function currentCheckoutScope(): CheckoutScope | undefined {
  return storage.getStore();
}
