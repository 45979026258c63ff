import { LinkedQueue, type Queued } from "./linked-queue.ts";

/** What stands in a queue beside others of its group, such as a tenant's callers; without a name it is of the one that has none. */
export interface Grouped<T> extends Queued<T> {
  readonly group: string | undefined;
}

class Group<T extends Grouped<T>> extends LinkedQueue<T> implements Queued<Group<T>> {
  readonly key: string | undefined;
  previous: Group<T> | undefined;
  next: Group<T> | undefined;
  isQueued = false;

  constructor(key: string | undefined) {
    super();
    this.key = key;
  }
}

/**
 * Groups take turns, and within one the first that came is the first that is taken: who has many in the queue keeps nobody else
 * waiting for all of them. Where one group is alone, or each has one, that is first in, first out.
 *
 * All is O(1), however many wait, but for {@link leaveLargest} and {@link firsts}.
 */
export class FairQueue<T extends Grouped<T>> {
  /** Kept, as most queues know no other. */
  readonly #nameless = new Group<T>(undefined);
  readonly #named = new Map<string, Group<T>>();
  /** Those in which somebody waits, the next first. */
  readonly #turns = new LinkedQueue<Group<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of each group whoever came first. */
  *firsts(): Generator<T, void> {
    for (const { first } of this.#turns) if (first !== undefined) yield first;
  }

  enqueue(waiter: T): void {
    const group = this.#groupOf(waiter.group) ?? this.#add(waiter.group);
    group.enqueue(waiter);
    if (!group.isQueued) this.#turns.enqueue(group);
    this.#size++;
  }

  dequeue(): T | undefined {
    const group = this.#turns.first;
    const waiter = group?.first;
    if (group === undefined || waiter === undefined) return undefined;
    this.#take(waiter, group);
    if (group.size > 0 && this.#turns.size > 1) {
      this.#turns.leave(group);
      this.#turns.enqueue(group);
    }
    return waiter;
  }

  /** Takes a waiter out. @returns false where it had been taken out before. */
  leave(waiter: T): boolean {
    const group = waiter.isQueued ? this.#groupOf(waiter.group) : undefined;
    if (group === undefined) return false;
    this.#take(waiter, group);
    return true;
  }

  /**
   * Makes room for one more of a group by taking out the last of the largest, where the group has less than its part of the
   * places. @returns undefined where it has as much.
   */
  leaveLargest(key: string | undefined): T | undefined {
    const own = this.#groupOf(key)?.size ?? 0;
    const groups = this.#turns.size + (own === 0 ? 1 : 0);
    if (own + 1 > this.#size / groups) return undefined;
    let largest = this.#nameless;
    for (const group of this.#turns) if (group.size > largest.size) largest = group;
    const { last } = largest;
    if (last !== undefined) this.#take(last, largest);
    return last;
  }

  #take(waiter: T, group: Group<T>): void {
    group.leave(waiter);
    this.#size--;
    if (group.size > 0) return;
    this.#turns.leave(group);
    if (group.key !== undefined) this.#named.delete(group.key);
  }

  #groupOf(key: string | undefined): Group<T> | undefined {
    return key === undefined ? this.#nameless : this.#named.get(key);
  }

  #add(key: string | undefined): Group<T> {
    const group = new Group<T>(key);
    if (key !== undefined) this.#named.set(key, group);
    return group;
  }
}
