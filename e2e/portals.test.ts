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
import type { Fixture } from "./support/fixture.ts";
import { startPortals } from "./support/portals.ts";

let started: Fixture | undefined;
const fixture = (): Fixture => {
  if (started === undefined) throw new Error("the portals are started in beforeAll: ask for them in a test");
  return started;
};

beforeAll(async () => {
  const browser = await launchBrowser();
  started = { browser, portals: await startPortals() };
});
afterAll(async () => {
  await started?.browser.close();
  await started?.portals.stop();
});

signingIn(fixture);
onboarding(fixture);
scanBurst(fixture);
documents(fixture);
search(fixture);
early(fixture);
chat(fixture);
jobs(fixture);
databasePage(fixture);
healthRoutes(fixture);
chatApi(fixture);
outage(fixture);
stopping(fixture); // last: it ends the portals
