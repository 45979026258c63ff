/** What is measured. `n` says which rows it is about; see rows.ts. Each resolves to the rows that it got. */
export type Operation = (n: number) => Promise<readonly unknown[]>;

export interface Operations {
  /** One row by its primary key. */
  pointSelect: Operation;
  /** The same, prepared by the program. */
  preparedSelect: Operation;
  /** A page of homes, each with its residents. */
  nested: Operation;
  /** One row, `returning` all its columns. */
  insert: Operation;
  /** A row with the key `n`, which may be taken. */
  insertKey: Operation;
  /** One row by its primary key, tenant included, of a table without row-level security. */
  unscopedSelect: Operation;
  /** The same of a table with row-level security, in the way that is usual with the client. */
  scopedSelect: Operation;
  /** Four statements as one tenant, in one transaction. */
  tenantTransaction: Operation;
  /** {@link scopedSelect} and {@link tenantTransaction} where the policies check a signed tenant. */
  signedSelect: Operation;
  signedTransaction: Operation;
  /** Five selects as one tenant that do not depend on each other, in the way that is usual with the client. */
  tenantPage: Operation;
  /** The same one after the other, at once, and as a batch of a signed tenant. */
  pageOneByOne: Operation;
  pageAtOnce: Operation;
  signedPage: Operation;
  /** {@link scopedSelect}, {@link signedSelect} and {@link unscopedSelect}, prepared by the program. */
  preparedScopedSelect: Operation;
  preparedSignedSelect: Operation;
  preparedUnscopedSelect: Operation;
  /** 1,000 rows by one caller: a statement for each, one for all of them, and all in one flight. */
  insertOneByOne: Operation;
  insertManyRows: Operation;
  insertBatch: Operation;
}

export type OperationName = keyof Operations;

/** A library, connected. */
export interface OpenClient {
  readonly operations: Partial<Operations>;
  /** How often a connection was taken so far, where the client counts it. */
  acquired?(): number;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly url: string;
  /** Most connections. */
  readonly max: number;
  /** For more callers than a pool expects: none is refused, or times out, as far as the client has limits. */
  readonly manyCallers?: boolean;
  /** Names every statement, so that the server parses it once. Raw pg only. */
  readonly named?: boolean;
}

/** How long a caller among many may wait, in milliseconds. */
export const MANY_CALLERS_TIMEOUT_MS = 120_000;
export const MANY_CALLERS = 100_000;
