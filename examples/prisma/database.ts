import {
  classifyError,
  type ErrorClass,
  type Pool,
  poolFromUrl,
  RetryBudget,
  withRetry,
} from "@openhouse/pool";
import { processWide } from "@openhouse/pool/process";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";

/** How long statements under way may take when the pool is ended, in milliseconds. */
const END_MS = 10_000;

export interface Resource {
  readonly pool: Pool;
  readonly adapter: PrismaPg;
  readonly client: PrismaClient;
}

/**
 * The process's one pool, and Prisma on it. A module that is loaded again, by hot reload or by a second bundle, gets the same;
 * where DATABASE_URL has changed, a new one takes over and the old one ends once its callers are served.
 *
 * @throws {PoolConfigError} DATABASE_URL is missing or wrong. An Accelerate URL (`prisma://…`) is: no pool can speak its protocol.
 */
export function database(): Resource {
  return processWide("prisma", process.env.DATABASE_URL, open, close);
}

function open(): Resource {
  const pool = poolFromUrl(process.env.DATABASE_URL, { max: 10, min: 2 });
  const adapter = new PrismaPg(pool);
  return { pool, adapter, client: new PrismaClient({ adapter }) };
}

/** Prisma lets go of the pool, which was given to it, and does not end it. */
export async function close({ pool, client }: Resource): Promise<void> {
  await client.$disconnect();
  await pool.end({ timeoutMs: END_MS });
}

/** What an error of Prisma's is about. Prisma keeps what the server has said in `meta`; the pool's own errors keep their code. */
export function classify(error: unknown): ErrorClass {
  return classifyError(saidByDriver(error));
}

const budget = new RetryBudget();

/**
 * Runs `work` again where that is safe: nothing was sent, or the server rolled a whole transaction back (a serialization failure,
 * a deadlock); after a lost connection where `idempotent`.
 *
 * @throws Prisma's error of the last attempt, as it is.
 */
export async function retried<T>(work: () => Promise<T>, { idempotent = false } = {}): Promise<T> {
  let last: unknown;
  const attempt = () =>
    work().catch((error: unknown) => {
      last = error;
      throw saidByDriver(error);
    });
  try {
    return await withRetry(attempt, budget, { idempotent });
  } catch {
    throw last;
  }
}

export const retries = () => budget.getStats().retries;

interface DriverCause {
  readonly kind: string;
  readonly originalCode?: string;
  readonly originalMessage?: string;
}

/** Prisma's names for what has no SQLSTATE, in the words of the socket that they were. */
const SOCKET_CODES: Readonly<Record<string, string>> = {
  DatabaseNotReachable: "ECONNREFUSED",
  ConnectionClosed: "ECONNRESET",
  SocketTimeout: "ETIMEDOUT",
};

function saidByDriver(error: unknown): unknown {
  const { meta } = error as { meta?: { driverAdapterError?: { cause?: DriverCause } } };
  const cause = meta?.driverAdapterError?.cause;
  const code = cause?.originalCode ?? SOCKET_CODES[cause?.kind ?? ""];
  if (code === undefined) return error;
  return Object.assign(new Error(cause?.originalMessage ?? code), { code });
}
