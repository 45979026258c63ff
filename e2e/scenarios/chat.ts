import { afterAll, beforeAll, describe } from "vitest";
import { asVisitor } from "../support/browser.ts";
import type { Fixture } from "../support/fixture.ts";
import { asHomeowner } from "../support/homeowners.ts";
import { end, startPortal } from "../support/portals.ts";
import { startSpeakingModel } from "../support/speaking-model.ts";
import { early } from "./chat/early.ts";
import { faults } from "./chat/faults.ts";
import type { ChatFixture, Homeowner } from "./chat/fixture.ts";
import { inBetween } from "./chat/in-between.ts";
import { keyboard } from "./chat/keyboard.ts";
import { modelAnswers } from "./chat/model-answers.ts";
import { phone } from "./chat/phone.ts";
import { quotedAnswers } from "./chat/quoted-answers.ts";
import { threads } from "./chat/threads.ts";

export function chat(fixture: () => Fixture): void {
  describe("chat", () => {
    let started: ChatFixture | undefined;
    let stop = async () => {};
    const onChatFixture = (): ChatFixture => {
      if (started === undefined) throw new Error("the portal is started in beforeAll: ask for it in a test");
      return started;
    };

    beforeAll(async () => {
      const { browser, portals } = fixture();
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
      started = { browser, portals, hannah, owen, model, modelUrl: portal.url };
    });
    afterAll(() => stop());

    quotedAnswers(onChatFixture);
    modelAnswers(onChatFixture);
    threads(onChatFixture);
    early(onChatFixture);
    inBetween(onChatFixture);
    keyboard(onChatFixture);
    phone(onChatFixture);
    faults(onChatFixture);
  });
}
