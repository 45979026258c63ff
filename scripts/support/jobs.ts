import { startLocalExecutor } from "@openhouse/tooling/jobs-executor/local-executor";
import type { Portal } from "@openhouse/tooling/portals/portals";

/** Who runs the portals' jobs. */
export interface JobRunner {
  /** What the portals need in their environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Finds out what there is to run, once the portals answer; it also happens by itself, a little later. */
  register(): Promise<void>;
  stop(): Promise<void>;
}

const SOMEBODY_ELSE: JobRunner = { environment: {}, register: async () => {}, stop: async () => {} };

/** Runs the jobs ourselves, unless the environment names somebody: Inngest by its keys, or a dev server. */
export async function startJobs(
  portals: readonly Portal[],
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<JobRunner> {
  const { INNGEST_SIGNING_KEY, INNGEST_EVENT_KEY, INNGEST_DEV } = env;
  const tenantPortal = portals.find(({ name }) => name === "tenant-portal");
  if (INNGEST_SIGNING_KEY || INNGEST_EVENT_KEY || INNGEST_DEV || tenantPortal === undefined)
    return SOMEBODY_ELSE;
  const serveUrl = `http://127.0.0.1:${tenantPortal.port}/api/inngest`;
  const executor = await startLocalExecutor({ serveUrl, log });
  const register = () => executor.register().catch((error: unknown) => log(String(error)));
  return { environment: executor.environment, register, stop: executor.stop };
}
