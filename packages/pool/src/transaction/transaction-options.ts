import { TransactionOptionsError } from "../errors/errors.ts";

const ISOLATION_LEVELS = ["read uncommitted", "read committed", "repeatable read", "serializable"] as const;
const ACCESS_MODES = ["read only", "read write"] as const;

/** What a transaction is to be. */
export interface TransactionOptions {
  readonly isolationLevel?: (typeof ISOLATION_LEVELS)[number] | undefined;
  readonly accessMode?: (typeof ACCESS_MODES)[number] | undefined;
}

/**
 * They become a part of BEGIN as they are.
 *
 * @throws {TransactionOptionsError} Postgres has no such isolation level or access mode.
 */
export function checkTransactionOptions({ isolationLevel, accessMode }: TransactionOptions = {}): void {
  for (const [value, allowed] of [
    [isolationLevel, ISOLATION_LEVELS],
    [accessMode, ACCESS_MODES],
  ] as const) {
    if (value === undefined || allowed.some((each) => each === value)) continue;
    throw new TransactionOptionsError(`a transaction cannot be "${value}"; it can be ${allowed.join(", ")}`);
  }
}

/** The BEGIN that says so. @throws {TransactionOptionsError} see {@link checkTransactionOptions}. */
export function beginWith(options: TransactionOptions): string {
  checkTransactionOptions(options);
  const { isolationLevel, accessMode } = options;
  const level = isolationLevel === undefined ? "" : ` isolation level ${isolationLevel}`;
  return `begin${level}${accessMode === undefined ? "" : ` ${accessMode}`}`;
}
