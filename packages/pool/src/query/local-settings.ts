import type pg from "pg";
import { ScopeError, TenantTokenError } from "../errors/errors.ts";
import { backendKey } from "../pg/internals.ts";

/** Settings that hold for one transaction only, such as `{ "app.tenant_id": "…" }`. */
export type TransactionSettings = Readonly<Record<string, string>>;

/**
 * Makes the settings that are sent in the place of a scope's: a token that holds on one connection only, say. Asked for
 * every statement and transaction when its connection is known, so that what takes long should be remembered.
 *
 * @param backendPid the process of the server that the connection talks to, as `pg_backend_pid()` tells it there; behind a
 * pooler that shares its connections, a number of the pooler's.
 */
export type Sign = (scope: TransactionSettings, backendPid: number) => TransactionSettings;

/** What to do with a scope's settings beside sending them as they are. */
export interface ScopeOptions {
  readonly sign?: Sign | undefined;
}

/** A statement that travels in front of another one, or behind it. */
export interface Prelude {
  readonly text: string;
  readonly values: readonly string[];
}

/** The text that makes so many settings: one for every number of them, however many scopes there are. */
const texts: string[] = [];
/** The same with the guard behind it. */
const guardedTexts: string[] = [];
/**
 * What makes settings returns no row, since every row costs the server and its reader: all that stands in between is text, none of it
 * is null, and the server works all of it out, in order. Whose they are is said, as a path may have another schema before pg_catalog.
 */
const [OPENING, AND, CLOSING] = ["select 1 where (", " operator(pg_catalog.||) ", ") is null"] as const;
/** Stands last in what makes a transaction read-only. What sets it back is refused from the first snapshot on, which this takes. */
const READ_ONLY = `${AND}pg_catalog.set_config('transaction_read_only', 'on', true)${CLOSING}`;

/**
 * One statement that makes all of a scope's settings, until the end of the transaction it runs in.
 *
 * @throws {ScopeError} there are no settings, or a value is none that the server could be sent.
 */
export function settingsStatement(scope: TransactionSettings): Prelude {
  const values: string[] = [];
  for (const name in scope) {
    const value: unknown = scope[name];
    if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed())
      throw new ScopeError(valueFault(name, value));
    values.push(name, value);
  }
  const count = values.length / 2;
  if (count === 0)
    throw new ScopeError(
      "a scope needs at least one setting: a statement without any would run outside of every scope",
    );
  texts[count] ??= textFor(count);
  return { text: texts[count], values };
}

/** The value itself stays out of it, as it may be a secret. */
function valueFault(name: string, value: unknown): string {
  const found =
    typeof value === "string" ? "one that Postgres cannot store" : value === null ? "null" : typeof value;
  return `the scope's setting ${name} must be a string of valid Unicode without a zero character, got ${found}; defineScope() takes numbers and objects`;
}

/** Makes the statement with a scope's settings for the connection that it is sent on. */
export interface SettingsFor {
  (client: pg.ClientBase): Prelude;
  readonly scope: TransactionSettings;
  /** By whose turn its callers are served: see {@link tenantOf}. */
  readonly tenant: string | undefined;
}

/** Whether statements in either scope may go together. */
export function isSameScope(one: SettingsFor | undefined, other: SettingsFor | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one === other || JSON.stringify(one.scope) === JSON.stringify(other.scope);
}

/**
 * The settings with a guard behind them: a standby that has not come to a position of the log refuses the flight (22012), and
 * nothing of it runs. The position is a value, so that there is one text for all of them.
 */
export function guarded(settingsFor: SettingsFor, lsn: string): SettingsFor {
  const make = (client: pg.ClientBase): Prelude => {
    const { text, values } = settingsFor(client);
    const count = values.length;
    guardedTexts[count] ??= and(
      text,
      `${AND}(1 operator(pg_catalog./) (pg_catalog.pg_last_wal_replay_lsn() operator(pg_catalog.>=) $${count + 1}::pg_catalog.pg_lsn)::int)::varchar${CLOSING}`,
    );
    return { text: guardedTexts[count], values: [...values, lsn] };
  };
  return Object.assign(make, { scope: settingsFor.scope, tenant: settingsFor.tenant });
}

/** The settings, and the transaction takes no writes: what a function does is refused as well (25006), also on a primary. */
export function readOnly(settingsFor: SettingsFor): SettingsFor {
  const make = (client: pg.ClientBase): Prelude => {
    const { text, values } = settingsFor(client);
    return { text: and(text, READ_ONLY), values };
  };
  return Object.assign(make, { scope: settingsFor.scope, tenant: settingsFor.tenant });
}

/** Whether a statement is one of {@link readOnly}. */
export function makesReadOnly(text: string): boolean {
  return text.endsWith(READ_ONLY);
}

/** The settings of a scope. @throws {ScopeError} see {@link settingsStatement}. */
export function settingsFor(scope: TransactionSettings, { sign }: ScopeOptions = {}): SettingsFor {
  return Object.assign(makerOf(scope, sign), { scope, tenant: tenantOf(scope) });
}

/** What stands for a scope's tenant in the wait queue: its first setting that is not the server's own, such as `app.tenant_id`. */
function tenantOf(scope: TransactionSettings): string | undefined {
  for (const name in scope) if (name.includes(".")) return scope[name];
  return undefined;
}

function makerOf(scope: TransactionSettings, sign: Sign | undefined): (client: pg.ClientBase) => Prelude {
  const plain = settingsStatement(scope);
  if (sign === undefined) return () => plain;
  return (client) => settingsStatement(sign(scope, backendPidOf(client)));
}

function backendPidOf(client: pg.ClientBase): number {
  const { processId } = backendKey(client);
  if (Number.isInteger(processId)) return processId;
  throw new TenantTokenError(
    "the server, or what stands in front of it, has not told which backend answers, so that a scope cannot be signed " +
      "for it; nothing was sent",
  );
}

function textFor(count: number): string {
  const calls = Array.from(
    { length: count },
    (_, index) => `pg_catalog.set_config($${2 * index + 1}, $${2 * index + 2}, true)`,
  );
  return OPENING + calls.join(AND) + CLOSING;
}

/** @param last what is done behind the settings. */
function and(text: string, last: string): string {
  return text.slice(0, -CLOSING.length) + last;
}
