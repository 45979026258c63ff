import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { chat } from "./scenarios/chat.ts";
import { chatApi } from "./scenarios/chat-api.ts";
import { databasePage } from "./scenarios/database-page.ts";
import { documents } from "./scenarios/documents.ts";
import { early } from "./scenarios/early.ts";
import { healthRoutes } from "./scenarios/health-routes.ts";
import { jobs } from "./scenarios/jobs.ts";
import { onboarding } from "./scenarios/onboarding.ts";
import { outage } from "./scenarios/outage.ts";
import { scanBurst } from "./scenarios/scan-burst.ts";
import { search } from "./scenarios/search.ts";
import { signingIn } from "./scenarios/signing-in.ts";
import { stopping } from "./scenarios/stopping.ts";
import { launchBrowser } from "./support/browser.ts";
import { type Portals, startPortals } from "./support/portals.ts";

/** What every scenario works on; started once, since portals take seconds to start. */
export interface Stage {
  readonly portals: Portals;
  readonly browser: Browser;
}

let stage: Stage | undefined;
const onStage = (): Stage => {
  if (stage === undefined) throw new Error("the stage is set in beforeAll: ask for it in a test");
  return stage;
};

beforeAll(async () => {
  const browser = await launchBrowser();
  stage = { browser, portals: await startPortals() };
});
afterAll(async () => {
  await stage?.browser.close();
  await stage?.portals.stop();
});

signingIn(onStage);
onboarding(onStage);
scanBurst(onStage);
documents(onStage);
search(onStage);
early(onStage);
chat(onStage);
jobs(onStage);
databasePage(onStage);
healthRoutes(onStage);
chatApi(onStage);
outage(onStage);
stopping(onStage); // last: it ends the portals
