import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import type { Stage } from "../portals.test.ts";
import { asVisitor } from "../support/browser.ts";
import { asHomeowner } from "../support/homeowners.ts";
import { end, startPortal } from "../support/portals.ts";
import { type SpeakingModel, startSpeakingModel } from "../support/speaking-model.ts";
import { early } from "./chat/early.ts";
import { faults } from "./chat/faults.ts";
import { inBetween } from "./chat/in-between.ts";
import { keyboard } from "./chat/keyboard.ts";
import { modelAnswers } from "./chat/model-answers.ts";
import { phone } from "./chat/phone.ts";
import { quotedAnswers } from "./chat/quoted-answers.ts";
import { threads } from "./chat/threads.ts";

/** Two homeowners of one home, and a portal whose model says what the test says. */
export interface ChatStage extends Stage {
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

export function chat(onStage: () => Stage): void {
  describe("chat", () => {
    let stage: ChatStage | undefined;
    let stop = async () => {};
    const onChatStage = (): ChatStage => {
      if (stage === undefined) throw new Error("the stage is set in beforeAll: ask for it in a test");
      return stage;
    };

    beforeAll(async () => {
      const { browser, portals } = onStage();
      const homeowner = async (email: string): Promise<Homeowner> => {
        const { cookie } = await asHomeowner(portals.postgres.url, email);
        const [name = "", value = ""] = cookie.split("=");
        return {
          visit: (work, viewport) =>
            asVisitor(
              browser,
              async (page, context) => {
                // Cookies know no ports: this one is good at every portal here.
                await context.addCookies([{ name, value, url: portals.tenant.url }]);
                return work(page);
              },
              viewport,
            ),
        };
      };
      const model = await startSpeakingModel();
      const portal = await startPortal("tenant-portal", {
        DATABASE_URL: portals.appUrl,
        CHAT_BASE_URL: model.baseUrl,
        CHAT_MODEL: "speaking",
      });
      stop = async () => {
        await end(portal);
        await model.stop();
      };
      const hannah = await homeowner("hannah.blackwood@example.com");
      const owen = await homeowner("owen.blackwood@example.com");
      stage = { browser, portals, hannah, owen, model, modelUrl: portal.url };
    });
    afterAll(() => stop());

    quotedAnswers(onChatStage);
    modelAnswers(onChatStage);
    threads(onChatStage);
    early(onChatStage);
    inBetween(onChatStage);
    keyboard(onChatStage);
    phone(onChatStage);
    faults(onChatStage);
  });
}
