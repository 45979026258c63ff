import { environment } from "@openhouse/db/client";

let known: Record<string, string | undefined> | undefined;

/**
 * Inngest's own variables (`INNGEST_…`) of the environment, or else of the nearest `.env`, which Next does not look for
 * above the portal's folder. The file is read once.
 */
export function inngestSettings(): Record<string, string> {
  const settings: Record<string, string> = {};
  known ??= environment();
  for (const [name, value] of Object.entries({ ...known, ...process.env })) {
    if (name.startsWith("INNGEST_") && value !== undefined && value !== "") settings[name] = value;
  }
  return settings;
}

/** Whether there is an executor to send events to: a dev server, or Inngest itself with a key. */
export function hasExecutor({ INNGEST_DEV, INNGEST_EVENT_KEY }: Record<string, string> = inngestSettings()) {
  const dev = INNGEST_DEV !== undefined && !["0", "false"].includes(INNGEST_DEV.toLowerCase());
  return dev || INNGEST_EVENT_KEY !== undefined;
}
