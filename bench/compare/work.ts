import type { ContestantName } from "../clients/index.ts";
import type { Figures } from "./figures.ts";

/** Who is measured: a client, in a process of its own, or a program. */
export interface Entry {
  /** Unique in its work. */
  readonly title: string;
  readonly client?: ContestantName;
  /** What the work does differently for this entry. */
  readonly variant?: string;
  /** Run by pgbench, as this script. */
  readonly pgbench?: string;
  /** Where there is no pgbench: raw pg with named statements, a process on each core. */
  readonly orNamed?: boolean;
  /** How many processes share the connections and callers. @default 1 */
  readonly processes?: number;
  /** Held back by the proxy in each direction, in milliseconds; without it the server is reached directly. */
  readonly delayMs?: number;
}

/** How long, and how often. */
export interface RunOptions {
  readonly quick: boolean;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What a measuring process is told. */
export interface Job {
  readonly workId: string;
  readonly entry: Entry;
  readonly options: RunOptions;
  /** The database as the role that row-level security binds. */
  readonly url: string;
  /** The same rows, where signing in takes 100 ms. */
  readonly slowSignInUrl: string;
}

/** A column of a work's table; the first one is what the work is about. */
export interface Column {
  readonly key: string;
  readonly title: string;
  /** Digits after the point. @default 0 */
  readonly digits?: number;
}

/** What the work should reach. */
export interface Goal {
  readonly what: string;
  readonly wanted: number;
  readonly better: "more" | "less";
  readonly digits?: number;
  readonly unit?: string;
  /** What stands in the way, should it not be reached. */
  readonly bound?: string;
  /** In one round; an entry's figures are undefined where it was not measured. */
  of(round: (title: string) => Figures | undefined): number | undefined;
}

/** Who does not take part, and why. */
export interface LeftOut {
  readonly title: string;
  readonly reason: string;
}

/** An entry, ready to be measured. */
export interface Session {
  /** @throws why it could not be measured. */
  round(): Promise<Figures>;
  end(): Promise<void>;
}

interface WorkDescription {
  readonly id: string;
  readonly title: string;
  /** What is done and how it is measured, for people who doubt it. */
  readonly method: string;
  readonly better: "more" | "less";
  readonly columns: readonly [Column, ...Column[]];
  readonly entries: readonly Entry[];
  /** The entry that the others' ratios are to. */
  readonly baseline: string;
  readonly leftOut?: readonly LeftOut[];
  readonly goals?: readonly Goal[];
  /** Figures over a number of callers, as lines of a chart, in the place of the bars of the first column. */
  readonly series?: readonly {
    readonly title: string;
    readonly points: readonly { readonly at: number; readonly key: string }[];
  }[];
  /** Why an entry is ahead of ours, should it be; by its title. @default what its client says of itself */
  readonly ahead?: Readonly<Record<string, string>>;
  /** Most rounds, where one takes long. */
  readonly mostRounds?: number;
  /** As the server's superuser, in front of each measurement. */
  readonly prepareSql?: string;
}

/** In a process of its own, one for all rounds: what takes a while to be warm. */
export interface WarmWork extends WorkDescription {
  begin(job: Job): Promise<Session>;
}

/** In a process of its own for each round. */
interface FreshWork extends WorkDescription {
  measure(job: Job): Promise<Figures>;
}

/** In the bench's own process: what starts processes itself. */
interface OutsideWork extends WorkDescription {
  measureHere(entry: Entry, environment: { readonly superuserUrl: string }): Promise<Figures>;
}

/** One kind of work, measured on every client that can do it. */
export type Work = WarmWork | FreshWork | OutsideWork;
