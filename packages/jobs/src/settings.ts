import { environment } from "@openhouse/db/client";
import { weaknessOf } from "@openhouse/db/weak-secret";

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
  return usesDevServer(INNGEST_DEV) || INNGEST_EVENT_KEY !== undefined;
}

/**
 * What is wrong with the jobs' settings; empty where nothing is. None of the faults holds a key.
 *
 * @param settings with a `NODE_ENV` where another than the process's is meant.
 */
export function jobFaults(settings: Record<string, string> = inngestSettings()): readonly string[] {
  const { INNGEST_DEV: dev, INNGEST_SIGNING_KEY, NODE_ENV = process.env.NODE_ENV } = settings;
  const isProduction = NODE_ENV === "production";
  const faults: string[] = [];
  if (dev !== undefined && !isSwitch(dev) && !isAddress(dev))
    faults.push(
      `INNGEST_DEV is "${dev}"; it must be the address of a dev server, for example INNGEST_DEV=http://127.0.0.1:8288`,
    );
  if (usesDevServer(dev) && INNGEST_SIGNING_KEY !== undefined)
    faults.push(
      "INNGEST_DEV is set beside INNGEST_SIGNING_KEY, and would turn the signatures off that the key is for; remove one of them",
    );
  if (isProduction && usesDevServer(dev))
    faults.push(
      "INNGEST_DEV is set in production, where anybody could then run the jobs, as requests to /api/inngest are not signed; " +
        "remove it, and set INNGEST_SIGNING_KEY, for example INNGEST_SIGNING_KEY=signkey-prod-<hexadecimal>",
    );
  for (const name of ["INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY_FALLBACK"]) {
    const key = settings[name];
    if (key !== undefined && !SIGNING_KEY.test(key))
      faults.push(
        `${name} is no signing key of Inngest's; it must be hexadecimal behind its kind, as in signkey-prod-0123456789abcdef`,
      );
    else if (isProduction && key !== undefined) {
      const weakness = weaknessOf(key.replace(/^signkey-\w+-/, ""));
      if (weakness !== undefined)
        faults.push(`${name} ${weakness}; it must be the one that Inngest shows for the app`);
    }
  }
  return faults;
}

/** What is not hexadecimal the SDK takes for nothing where it hashes the key. */
const SIGNING_KEY = /^(signkey-\w+-)?([0-9a-f]{2})+$/i;

const OFF = ["0", "false"];
const isSwitch = (dev: string) => ["1", "true", ...OFF].includes(dev.toLowerCase());
const usesDevServer = (dev: string | undefined) => dev !== undefined && !OFF.includes(dev.toLowerCase());

/** As the SDK reads it: without a scheme it is http. */
function isAddress(text: string): boolean {
  const address = text.includes("://") ? text : `http://${text}`;
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
