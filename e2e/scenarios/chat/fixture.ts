import type { Page } from "playwright-core";
import type { Fixture } from "../../support/fixture.ts";
import type { SpeakingModel } from "../../support/speaking-model.ts";

/** Two homeowners of one home, and a portal whose model says what the test says. */
export interface ChatFixture extends Fixture {
  readonly hannah: Homeowner;
  readonly owen: Homeowner;
  readonly model: SpeakingModel;
  /** Of the portal with the model. */
  readonly modelUrl: string;
}

/** Somebody who is signed in, for as many visits as are wanted. */
export interface Homeowner {
  visit<T>(work: (page: Page) => Promise<T>, viewport?: { width: number; height: number }): Promise<T>;
}
