import { type Taint, TENANT } from "./statements.ts";

/** An error that the server tells its client. */
export class SqlError {
  readonly code: string;
  readonly text: string;
  readonly routine: string;

  constructor(code: string, text: string, routine = "errstart") {
    this.code = code;
    this.text = text;
    this.routine = routine;
  }
}

interface Kept {
  readonly settings: ReadonlyMap<string, string>;
  readonly left: ReadonlySet<Taint>;
}

/** What the server remembers of one connection, beside its transaction. */
export class Session {
  #settings = new Map<string, string>();
  readonly #local = new Map<string, string>();
  #left = new Set<Taint>();
  #kept: Kept | undefined;
  readonly prepared = new Map<string, { text: string; schema: number }>();

  /** All that a holder could notice of another one, or of what the session was made with. */
  get state(): string {
    const settings = [...this.#settings].map(([name, value]) => `${name}=${value}`);
    return [...settings, ...this.#left].sort().join(", ");
  }

  get tenant(): string | undefined {
    return (this.#local.get(TENANT) ?? this.#settings.get(TENANT)) || undefined;
  }

  set(name: string, value: string, isLocal: boolean): void {
    (isLocal ? this.#local : this.#settings).set(name, value);
  }

  leave(what: Taint): void {
    this.#left.add(what);
  }

  forget(...what: Taint[]): void {
    for (const each of what) this.#left.delete(each);
  }

  resetSettings(): void {
    this.#settings.clear();
  }

  begin(): void {
    this.#kept = { settings: new Map(this.#settings), left: new Set(this.#left) };
  }

  /** The transaction is over. What it has changed in the session goes with it, but for locks. */
  end(isCommitted: boolean): void {
    this.#local.clear();
    if (!isCommitted && this.#kept !== undefined) {
      const hadLock = this.#left.has("lock");
      this.#settings = new Map(this.#kept.settings);
      this.#left = new Set(this.#kept.left);
      if (hadLock) this.#left.add("lock");
    }
    this.#kept = undefined;
  }
}
