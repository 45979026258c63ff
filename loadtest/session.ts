import { rmSync } from "node:fs";
import type { Flags } from "./flags.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { measure, type RunReport, type RunRequest } from "./measure.ts";
import { type LoadDatabase, openLoadDatabase } from "./place/database.ts";
import type { Beside } from "./place/jobs.ts";
import { LoadPortal } from "./place/portal.ts";
import { resultPath } from "./report/files.ts";
import { LiveLine } from "./report/live-line.ts";
import { runText } from "./report/text.ts";
import type { Variant } from "./variants.ts";
import { judge } from "./verdict.ts";

/** The same for whatever database layer is under load. */
const SETTINGS = { DB_POOL_MAX: "20" };

/** A database to load, and what is common to all runs on it. */
export class Session {
  readonly machine: Machine;
  readonly database: LoadDatabase;
  readonly #flags: Flags;
  readonly #aborted: AbortSignal;
  readonly #live = new LiveLine();

  private constructor(flags: Flags, database: LoadDatabase, aborted: AbortSignal) {
    this.#flags = flags;
    this.database = database;
    this.#aborted = aborted;
    this.machine = describeMachine(database);
  }

  static async open(flags: Flags, aborted: AbortSignal): Promise<Session> {
    rmSync(resultPath("portal.log"), { force: true });
    return new Session(flags, await openLoadDatabase(flags.databaseUrl), aborted);
  }

  /** One run on a portal of its own, told on screen; `complaints` is empty where it has passed. */
  async run(
    variant: Variant,
    request: RunRequest,
    beside?: Beside,
  ): Promise<{ report: RunReport; complaints: string[] }> {
    const { database } = this;
    const portal = await LoadPortal.start({
      portal: variant.portal,
      settings: { ...SETTINGS, DATABASE_URL: database.appUrl, ...variant.settings, ...beside?.settings },
      logPath: resultPath("portal.log"),
      port: beside?.port,
    });
    try {
      await beside?.portalStarted();
      const onProgress = (progress: Parameters<LiveLine["show"]>[0]) => this.#live.show(progress);
      const measured = await measure(request, {
        database,
        portal,
        beside,
        aborted: this.#aborted,
        onProgress,
      });
      const report = {
        ...measured,
        title: `${request.title}${variant.name === "ours" ? "" : `, ${variant.title}`}`,
      };
      const complaints = judge(report, this.#flags);
      this.#live.end();
      console.log(`\n${runText(report)}`);
      return { report, complaints };
    } finally {
      this.#live.end();
      await portal.stop();
    }
  }

  close(): Promise<void> {
    return this.database.stop();
  }
}
