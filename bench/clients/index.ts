import type { ClientOptions, OpenClient, OperationName } from "./client.ts";

/** A library that takes part. Named here without being loaded: only the process that measures it loads it. */
export interface Contestant {
  readonly title: string;
  /** The package of the bench's own that has to be installed for it. */
  readonly peer?: "postgres" | "prisma";
  /** Why it does not take part in an operation. */
  readonly without?: Partial<Record<OperationName, string>>;
  load(): Promise<{ open(options: ClientOptions): Promise<OpenClient> }>;
}

const ONE_CONNECTION = "one connection: transactions of concurrent callers would run into each other";

export const CONTESTANTS = {
  ours: { title: "ours", load: () => import("./ours.ts") },
  drizzlePg: { title: "drizzle(pg.Pool)", load: () => import("./drizzle-pg.ts") },
  drizzlePostgresJs: {
    title: "drizzle(postgres.js)",
    peer: "postgres",
    load: () => import("./drizzle-postgres-js.ts"),
  },
  drizzleClient: {
    title: "drizzle(pg.Client)",
    without: { scopedSelect: ONE_CONNECTION, tenantTransaction: ONE_CONNECTION },
    load: () => import("./drizzle-client.ts"),
  },
  kysely: {
    title: "Kysely(pg.Pool)",
    without: { preparedSelect: "it has no prepared queries" },
    load: () => import("./kysely.ts"),
  },
  prisma: {
    title: "Prisma 7 (adapter-pg)",
    peer: "prisma",
    without: { preparedSelect: "it has no prepared queries" },
    load: () => import("./prisma.ts"),
  },
  rawPg: { title: "raw pg", load: () => import("./raw-pg.ts") },
  rawPostgresJs: {
    title: "raw postgres.js",
    peer: "postgres",
    without: { preparedSelect: "it prepares by itself: see (1)" },
    load: () => import("./postgres-js.ts"),
  },
} satisfies Record<string, Contestant>;

export type ContestantName = keyof typeof CONTESTANTS;

export function contestant(name: ContestantName): Contestant {
  return CONTESTANTS[name];
}

export function contestantNames(): ContestantName[] {
  const names: ContestantName[] = [];
  for (const name in CONTESTANTS) if (isContestant(name)) names.push(name);
  return names;
}

function isContestant(name: string): name is ContestantName {
  return name in CONTESTANTS;
}
