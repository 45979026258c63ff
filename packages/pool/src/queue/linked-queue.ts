/** What stands in a queue, and is itself its place there. */
export interface Queued<T> {
  previous: T | undefined;
  next: T | undefined;
  isQueued: boolean;
}

/**
 * First in, first out, with places that can be left: enqueue and leave are O(1), however long the queue.
 */
export class LinkedQueue<T extends Queued<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first;
  }

  get last(): T | undefined {
    return this.#last;
  }

  /** First in, first out. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let each = this.#first; each !== undefined; each = each.next) yield each;
  }

  enqueue(waiter: T): void {
    waiter.isQueued = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#size++;
  }

  /** Takes a waiter out. @returns false where it had been taken out before. */
  leave(waiter: T): boolean {
    if (!waiter.isQueued) return false;
    waiter.isQueued = false;
    this.#size--;
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    return true;
  }
}
