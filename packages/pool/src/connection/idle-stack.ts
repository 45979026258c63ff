export interface IdleItem {
  /** When it became idle, on the clock of `performance.now()`; set by the stack. */
  idleSinceMs: number;
}

/**
 * Connections that nobody holds, last in, first out: the most recently used one is handed out, so that under a light load
 * the others stay idle long enough to be closed.
 */
export class IdleStack<T extends IdleItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** @param nowMs on the clock of `performance.now()`. */
  push(item: T, nowMs: number): void {
    item.idleSinceMs = nowMs;
    this.#items.push(item);
  }

  /** Takes out the most recently used one that will do. */
  take(willDo: (item: T) => boolean): T | undefined {
    for (let index = this.#items.length - 1; index >= 0; index--) {
      const item = this.#items[index];
      if (item === undefined || !willDo(item)) continue;
      if (index === this.#items.length - 1) this.#items.pop();
      else this.#items.splice(index, 1);
      return item;
    }
    return undefined;
  }

  /** @returns whether it was there. */
  remove(item: T): boolean {
    const index = this.#items.indexOf(item);
    if (index >= 0) this.#items.splice(index, 1);
    return index >= 0;
  }

  /** Idle longest first. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#items][Symbol.iterator]();
  }
}
