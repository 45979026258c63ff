import type { FaultProxy } from "@openhouse/pool-testing";
import type { Step } from "./steps.ts";

/** Between the pool and the server. */
export class Network {
  readonly #proxy: FaultProxy;
  #isDeaf = false;
  #isSlow = false;

  constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
  }

  /** Whether the server hears of everything at once. Refused connections are none of its business. */
  get isPrompt(): boolean {
    return !this.#isDeaf && !this.#isSlow;
  }

  async change(step: Step): Promise<void> {
    switch (step.do) {
      case "cut":
        return this.#proxy.cut();
      case "refuse":
        return this.#proxy.refuse();
      case "accept":
        return this.#proxy.accept();
      case "deafen":
        this.#isDeaf = true;
        return this.#proxy.pause();
      case "hear":
        this.#isDeaf = false;
        return this.#proxy.resume();
      case "delay":
        this.#isSlow = step.ms > 0;
        return this.#proxy.setDelayMs(step.ms);
    }
  }

  async mend(): Promise<void> {
    for (const step of [{ do: "delay", ms: 0 }, { do: "hear" }, { do: "accept" }] as const)
      await this.change(step);
  }
}
