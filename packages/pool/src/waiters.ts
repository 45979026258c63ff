interface Node<T> {
  readonly value: T;
  previous: Node<T> | undefined;
  next: Node<T> | undefined;
  queued: boolean;
}

/** A place in the queue. */
export interface Place {
  /** Leaves the queue. @returns false when the waiter had been taken out before. */
  leave(): boolean;
}

/**
 * First in, first out, with places that can be left: enqueue, dequeue and leave are O(1), however long the queue.
 */
export class WaiterQueue<T> {
  #first: Node<T> | undefined;
  #last: Node<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  enqueue(value: T): Place {
    const node: Node<T> = { value, previous: this.#last, next: undefined, queued: true };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
    return { leave: () => this.#remove(node) };
  }

  dequeue(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.#remove(node);
    return node.value;
  }

  #remove(node: Node<T>): boolean {
    if (!node.queued) return false;
    node.queued = false;
    this.#size--;
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    return true;
  }
}
