import type { EmbeddedPostgres } from "@openhouse/pool-testing";

/** `plain`: drizzle(new pg.Pool()). `ours`: Drizzle over this repository's pool. */
export type Kind = "plain" | "ours";

/** What a fault is run on. */
export interface BenchContext {
  readonly kind: Kind;
  /** A database that nobody else uses meanwhile, as its server's superuser. */
  readonly url: string;
}

/** With a server that the fault may stop, freeze and restart. */
export interface ServerContext extends BenchContext {
  readonly server: EmbeddedPostgres;
}

/** The fault's name is that of docs/FAULTS.md, and of its test. */
export interface FaultScenario {
  readonly title: string;
  run(context: ServerContext): Promise<Outcome>;
}

/** Facts by name: `slotsLost` is read as "slots lost", and `...Ms` are durations. */
export type Outcome = Record<string, string | number | boolean>;

/** In a program, from its arguments. */
export function contextFrom([, , kind, url = ""]: readonly string[]): BenchContext {
  return { kind: kind === "ours" ? "ours" : "plain", url };
}
