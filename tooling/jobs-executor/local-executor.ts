import { randomBytes, randomUUID } from "node:crypto";
import { type RegisteredFunction, readFunctions } from "./functions.ts";
import { type Answer, listen } from "./http.ts";
import { listOf, member, textMember } from "./json.ts";
import { Portal } from "./portal.ts";
import { type NewEvent, Scheduler, type SchedulerStats } from "./scheduler.ts";
import { bearerOf, isSame } from "./signature.ts";

export interface LocalExecutorOptions {
  /** Where the portal serves its functions, such as "http://127.0.0.1:3001/api/inngest". It need not be up yet. */
  serveUrl: string;
  /** @default any free one */
  port?: number;
  /** How often it looks at the portal, in milliseconds. @default 5_000 */
  pollEveryMs?: number;
  /** How many times faster than the clock sleeps, retries and debounces pass, crons excepted: for tests. @default 1 */
  hurry?: number;
  /** Runs that it keeps; events beyond them are refused. @default 10_000 */
  maxRuns?: number;
  log?: (line: string) => void;
}

export interface LocalExecutorStats extends SchedulerStats {
  /** How often it has looked at the portal, and how often in vain. */
  readonly polls: number;
  readonly pollsFailed: number;
  readonly eventsReceived: number;
  readonly eventsRefused: number;
}

export interface LocalExecutor {
  readonly url: string;
  /** What the portals need in their environment to use it. The keys are made for this run. */
  readonly environment: Readonly<Record<string, string>>;
  /** Has the portal register its functions now; throws where it does not. It also happens by itself. */
  register(): Promise<void>;
  /** Runs a function that has a cron now; resolves at its end. Throws where there is none of this id. */
  runCron(id: string): Promise<void>;
  getStats(): LocalExecutorStats;
  /** Forgets what waits, cuts what is under way, and closes its port. */
  stop(): Promise<void>;
}

/** Requests to the portal at once. */
const AT_ONCE = 4;

/**
 * Runs a portal's jobs on one machine, with nothing installed: it speaks as Inngest does. It is no queue that lasts: what
 * waits is in memory, and a restart forgets it. The sweep does later what an event that was lost was about.
 *
 * It understands steps, sleeps, retries, debounces by a path, and crons in UTC; what else a function asks for is logged.
 */
export async function startLocalExecutor(options: LocalExecutorOptions): Promise<LocalExecutor> {
  const { serveUrl, port = 0, pollEveryMs = 5_000, hurry = 1, maxRuns = 10_000, log = () => {} } = options;
  const signingKey = `signkey-local-${randomBytes(32).toString("hex")}`;
  const eventKey = randomBytes(24).toString("base64url");
  const portal = new Portal(serveUrl, signingKey);
  const scheduler = new Scheduler({
    call: ({ id }, body, stepId) => portal.step(id, stepId, body),
    log,
    hurry,
    maxRuns,
    atOnce: AT_ONCE,
  });
  const counts = { polls: 0, pollsFailed: 0, eventsReceived: 0, eventsRefused: 0 };

  const receiveEvents = (body: unknown): Answer => {
    const events = readEvents(Array.isArray(body) ? body : [body]);
    if (events === null) return { status: 400, body: { error: "an event has a name" } };
    counts.eventsReceived += events.length;
    if (!scheduler.hasRoomFor(events.length)) {
      if (counts.eventsRefused === 0) log(`${maxRuns} runs wait already: events are refused`);
      counts.eventsRefused += events.length;
      return { status: 429, body: { error: "too many runs wait" } };
    }
    for (const event of events) scheduler.receive(event);
    return { status: 200, body: { ids: events.map(({ id }) => id) } };
  };
  const receiveFunctions = (body: unknown): Answer => {
    const functions = readFunctions(body);
    const modified = JSON.stringify(functions) !== JSON.stringify(scheduler.functions);
    if (modified) {
      scheduler.register(functions);
      log(`runs ${functions.length} jobs of ${serveUrl}, in memory`);
    }
    return { status: 200, body: { modified } };
  };
  const server = await listen(port, (path, body, { authorization = "" }) => {
    if (path.startsWith("/e/")) {
      if (!isSame(path.slice(3), eventKey)) return { status: 401, body: { error: "unknown event key" } };
      return receiveEvents(body);
    }
    if (path !== "/fn/register") return { status: 404, body: { error: "not found" } };
    if (!isSame(authorization, bearerOf(signingKey))) return { status: 401, body: { error: "unknown key" } };
    return receiveFunctions(body);
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`;

  /** A portal that was away may have been started anew, with other functions. */
  let wasAway = true;
  const poll = async () => {
    counts.polls++;
    try {
      const count = await portal.look();
      if (wasAway || count !== scheduler.functions.length) await portal.askToRegister();
      wasAway = false;
    } catch {
      counts.pollsFailed++;
      wasAway = true;
    }
  };
  let polling: Promise<void> | undefined;
  const pollTimer = setInterval(() => {
    polling ??= poll().finally(() => {
      polling = undefined;
    });
  }, pollEveryMs);

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(pollTimer);
    scheduler.stop();
    portal.leave();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await polling;
  };
  return {
    url,
    environment: {
      INNGEST_DEV: "0",
      INNGEST_BASE_URL: url,
      INNGEST_SIGNING_KEY: signingKey,
      INNGEST_EVENT_KEY: eventKey,
    },
    register: () => portal.askToRegister(),
    runCron: async (id) => scheduler.runCron(cronOf(scheduler.functions, id)),
    getStats: () => ({ ...scheduler.getStats(), ...counts }),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function readEvents(said: readonly unknown[]): (NewEvent & { id: string })[] | null {
  const events = listOf(said).map((each) => {
    const name = textMember(each, "name");
    const id = textMember(each, "id") ?? randomUUID();
    const ts = member(each, "ts");
    const data = member(each, "data");
    return { name, id, data: data ?? {}, ts: typeof ts === "number" ? ts : Date.now() };
  });
  const isNamed = (
    event: (typeof events)[number],
  ): event is NewEvent & (typeof events)[number] & { name: string } => event.name !== undefined;
  return events.every(isNamed) ? events : null;
}

function cronOf(functions: readonly RegisteredFunction[], id: string): RegisteredFunction {
  const fn = functions.find((each) => each.id === id || each.id.endsWith(`-${id}`));
  if (fn === undefined || fn.crons.length === 0) throw new Error(`no function with a cron is called ${id}`);
  return fn;
}
