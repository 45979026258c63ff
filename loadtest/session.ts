import { rmSync } from "node:fs";
import { describeMachine, type Machine } from "@openhouse/tooling/measure/machine";
import { type Block, markdownOf, outcomeOf, textOf } from "@openhouse/tooling/measure/markdown";
import type { ResultsFolder } from "@openhouse/tooling/measure/results";
import { type Portal, portalNamed } from "@openhouse/tooling/portals/portals";
import { type LoadDatabase, openGivenDatabase, openOwnDatabase } from "./environment/database.ts";
import type { JobsRunner } from "./environment/jobs-runner.ts";
import { LoadPortal } from "./environment/portal.ts";
import type { Flags } from "./flags.ts";
import type { Progress } from "./generator/run.ts";
import type { RunRequest } from "./loads.ts";
import { machineLine, runBlocks } from "./report.ts";
import { measure, type RunReport } from "./run.ts";
import { judge } from "./verdict.ts";

/** The same for whatever database layer is under load. */
const SETTINGS = { DB_POOL_MAX: "20" };
const QUIET_EVERY_S = 5;

/** A way to talk to the database, with the portal built on it. */
export interface Variant {
  readonly title: string;
  readonly portal: Portal;
  readonly settings: Readonly<Record<string, string>>;
}

/** The tenant portal of this checkout, as it is shipped. */
export const OURS: Variant = { title: "ours", portal: portalNamed("tenant-portal"), settings: {} };

/** A database to load, and what is common to all runs on it. */
export class Session {
  readonly flags: Flags;
  readonly aborted: AbortSignal;
  readonly machine: Machine;
  readonly results: ResultsFolder;
  readonly #database: LoadDatabase;

  private constructor(flags: Flags, aborted: AbortSignal, results: ResultsFolder, database: LoadDatabase) {
    this.flags = flags;
    this.aborted = aborted;
    this.results = results;
    this.#database = database;
    this.machine = describeMachine("portal, server and generator", { Postgres: database.description });
  }

  static async open(flags: Flags, aborted: AbortSignal, results: ResultsFolder): Promise<Session> {
    rmSync(results.pathOf("portal.log"), { force: true });
    const url = flags["database-url"];
    const database = url === undefined ? await openOwnDatabase() : await openGivenDatabase(url);
    return new Session(flags, aborted, results, database);
  }

  /** One run on a portal of its own, told on screen; `complaints` is empty where it has passed. */
  async run(
    { title, portal: built, settings }: Variant,
    request: RunRequest,
    jobs?: JobsRunner,
  ): Promise<{ report: RunReport; complaints: string[] }> {
    const database = this.#database;
    const environment = { ...SETTINGS, DATABASE_URL: database.appUrl, ...settings };
    const portal = await LoadPortal.start({
      portal: built,
      settings: { ...environment, ...jobs?.executor.environment },
      logPath: this.results.pathOf("portal.log"),
      port: jobs?.port,
      workers: this.flags.workers,
    });
    try {
      await jobs?.executor.register();
      const { aborted } = this;
      const measured = await measure(request, { database, portal, jobs, aborted, onProgress: liveLine() });
      const { workers } = this.flags;
      const more = [...(title === "ours" ? [] : [title]), ...(workers === 1 ? [] : [`${workers} workers`])];
      const report = { ...measured, title: [request.title, ...more].join(", ") };
      clearLine();
      console.log(`\n${textOf(runBlocks(report))}`);
      return { report, complaints: judge(report, this.flags) };
    } finally {
      clearLine();
      await portal.stop();
    }
  }

  /** Keeps what was found: JSON for machines, and what documents take over. */
  save(name: string, found: object, blocks: readonly Block[], complaints: readonly string[]): void {
    const { machine, results } = this;
    const text = markdownOf([machineLine(machine), ...blocks, ...outcomeOf(complaints)]);
    console.log(results.write(`${name}.md`, text));
    console.log(results.write(`${name}.json`, { machine, ...found, complaints }));
  }

  close(): Promise<void> {
    return this.#database.stop();
  }
}

/** Shows how a run is getting on: one line that is written over at a terminal, a line now and then elsewhere. */
function liveLine(): (progress: Progress) => void {
  let lastS = 0;
  return ({ seconds, operations }) => {
    const parts = operations
      .filter(({ name }) => !name.includes(","))
      .map((each) => `${each.name} ${each.answered} ok, ${each.failed} failed, ${each.underWay} under way`);
    const line = `${seconds.toFixed(0).padStart(4)} s  ${parts.join("  |  ")}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${line.slice(0, process.stdout.columns - 1)}`);
    else if (seconds - lastS >= QUIET_EVERY_S) {
      lastS = seconds;
      console.log(line);
    }
  };
}

function clearLine(): void {
  if (process.stdout.isTTY) process.stdout.write("\r\x1b[2K");
}
