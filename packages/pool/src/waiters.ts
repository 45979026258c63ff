/** A place in the queue. */
export class Place<T> {
  readonly value: T;
  previous: Place<T> | undefined;
  next: Place<T> | undefined;
  isQueued = true;
  readonly #remove: (place: Place<T>) => void;

  constructor(value: T, previous: Place<T> | undefined, remove: (place: Place<T>) => void) {
    this.value = value;
    this.previous = previous;
    this.#remove = remove;
  }

  /** Leaves the queue. @returns false when the waiter had been taken out before. */
  leave(): boolean {
    if (!this.isQueued) return false;
    this.#remove(this);
    return true;
  }
}

/**
 * First in, first out, with places that can be left: enqueue, dequeue and leave are O(1), however long the queue.
 */
export class WaiterQueue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  enqueue(value: T): Place<T> {
    const place = new Place(value, this.#last, this.#remove);
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  dequeue(): T | undefined {
    const place = this.#first;
    if (place === undefined) return undefined;
    this.#remove(place);
    return place.value;
  }

  readonly #remove = (place: Place<T>) => {
    place.isQueued = false;
    this.#size--;
    if (place.previous === undefined) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === undefined) this.#last = place.previous;
    else place.next.previous = place.previous;
    place.previous = undefined;
    place.next = undefined;
  };
}
