import type { Browser } from "playwright-core";
import type { Portals } from "./portals.ts";

/** What every scenario works on; started once, since portals take seconds to start. */
export interface Fixture {
  readonly portals: Portals;
  readonly browser: Browser;
}
