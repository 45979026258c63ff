import type { ClientOptions, OpenClient, OperationName } from "./client.ts";

/** A library that takes part. Named here without being loaded: only the process that measures it loads it. */
export interface Contestant {
  readonly title: string;
  /** The package of the bench's own that has to be installed for it. */
  readonly peer?: "postgres" | "prisma";
  /** Why it does not take part in an operation. */
  readonly without?: Partial<Record<OperationName, string>>;
  /** Why it is ahead of ours, where it is and the work knows no other reason. */
  readonly ahead?: string;
  load(): Promise<{ open(options: ClientOptions): Promise<OpenClient> }>;
}

const ONE_CONNECTION = "one connection: transactions of concurrent callers would run into each other";

export const CONTESTANTS = {
  ours: { title: "ours", load: () => import("./ours.ts") },
  drizzlePg: { title: "drizzle(pg.Pool)", load: () => import("./drizzle-pg.ts") },
  drizzlePostgresJs: {
    title: "drizzle(postgres.js)",
    peer: "postgres",
    ahead:
      "postgres.js sends statements of several callers on one connection without waiting for answers (pipelining); ours is checked out by one caller at a time.",
    load: () => import("./drizzle-postgres-js.ts"),
  },
  drizzleClient: {
    title: "drizzle(pg.Client)",
    without: { scopedSelect: ONE_CONNECTION, tenantTransaction: ONE_CONNECTION },
    ahead:
      "One connection has no pool to cost anything, and on few cores one backend that always has the next statement in its socket serves as fast as twenty. It stops being so with slow statements, transactions, or a lost connection.",
    load: async () => ({ open: (await import("./drizzle-pg.ts")).openSingle }),
  },
  kysely: {
    title: "Kysely(pg.Pool)",
    without: { preparedSelect: "it has no prepared queries" },
    ahead: "Its query builder and its row mapping do less than Drizzle's.",
    load: () => import("./kysely.ts"),
  },
  prisma: {
    title: "Prisma 7 (adapter-pg)",
    peer: "prisma",
    without: { preparedSelect: "it has no prepared queries" },
    load: () => import("./prisma.ts"),
  },
  rawPg: {
    title: "raw pg",
    ahead: "It has no query builder: building the statement and mapping its rows is what Drizzle costs.",
    load: () => import("./raw-pg.ts"),
  },
  rawPostgresJs: {
    title: "raw postgres.js",
    peer: "postgres",
    without: { preparedSelect: "it prepares by itself: see (1)" },
    ahead:
      "It has no query builder, prepares, and sends statements of several callers on one connection without waiting for answers (pipelining). Ours is checked out by one caller at a time, because that is what keeps sessions, deadlines and tenants apart.",
    load: () => import("./postgres-js.ts"),
  },
} satisfies Record<string, Contestant>;

export type ContestantName = keyof typeof CONTESTANTS;

export const contestant = (name: ContestantName): Contestant => CONTESTANTS[name];
export const contestants = (): readonly Contestant[] => Object.values(CONTESTANTS);
export const contestantNames = () => Object.keys(CONTESTANTS) as ContestantName[];
