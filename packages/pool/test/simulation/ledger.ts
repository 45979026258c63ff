/** What became of writes, as the server knows it. */
export class Ledger {
  readonly #committed = new Map<string, number>();
  /** Writes whose COMMIT, or whose Sync where that commits, has left the client. */
  readonly #commitSent = new Set<string>();
  /** Writes of whose end the client has had the answer. */
  readonly #answered = new Set<string>();
  readonly #conflicts = new Set<string>();

  commit(key: string): void {
    this.#committed.set(key, this.timesCommitted(key) + 1);
  }

  timesCommitted(key: string): number {
    return this.#committed.get(key) ?? 0;
  }

  /** It is written, perhaps once more after it was rolled back. */
  begin(key: string): void {
    this.#commitSent.delete(key);
    this.#answered.delete(key);
  }

  sendCommit(key: string): void {
    this.#commitSent.add(key);
  }

  isCommitSent(key: string): boolean {
    return this.#commitSent.has(key);
  }

  answer(key: string): void {
    this.#answered.add(key);
  }

  isAnswered(key: string): boolean {
    return this.#answered.has(key);
  }

  /** @returns whether this is the first time. */
  conflict(key: string): boolean {
    const isFirst = !this.#conflicts.has(key);
    this.#conflicts.add(key);
    return isFirst;
  }
}
