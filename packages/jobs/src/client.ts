import { AsyncLocalStorage } from "node:async_hooks";
import { Inngest } from "inngest";
import { sdkLog } from "./log.ts";
import { inngestSettings } from "./settings.ts";

/** When whoever sends through the client gives up; the SDK has no word for it. */
export const sendingEnds = new AsyncLocalStorage<AbortSignal>();

/** OpenHouse, as Inngest knows it. */
export const inngest = new Inngest({
  id: "openhouse",
  logger: sdkLog,
  // Nothing is traced: jobs call no AI, and what they tell the database is nobody else's business.
  aiMetadata: false,
  // Each step is reported in the answer to its own request, which every executor understands.
  checkpointing: false,
  fetch: (url, options) => fetch(url, { ...options, signal: sendingEnds.getStore() ?? null }),
}).setEnvVars(inngestSettings());
