import type { Connection } from "./internals.ts";

/** What most flights need, in bytes; what a longer one has grown to is kept up to the second. */
const FIRST_BYTES = 4_096;
const KEPT_BYTES = 65_536;
/** Shorter strings are written character by character, which takes less time than one call of the engine's. */
const SHORT_STRING = 64;
/** A message of a few bytes, too, such as Execute and Sync. */
const SHORT_MESSAGE = 16;

const BIND = 66;
const NULL_LENGTH = 0xffff_ffff;

/** Where flights are written, one after the other; none while one is being written. */
let spare: Buffer | undefined;

/**
 * The messages of one flight, written to one place and handed on as one piece, which the socket takes in much less time than many.
 */
export class Flight {
  #bytes: Buffer;
  #size = 0;

  constructor() {
    this.#bytes = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    spare = undefined;
  }

  add(message: Uint8Array): void {
    const { length } = message;
    this.#reserve(length);
    if (length <= SHORT_MESSAGE)
      for (let index = 0; index < length; index++) this.#bytes[this.#size + index] = message[index] ?? 0;
    else this.#bytes.set(message, this.#size);
    this.#size += length;
  }

  /**
   * Adds a Bind of the unnamed portal, which returns text
   * (https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BIND).
   *
   * @param write makes what the server is to read of a value: text, bytes, or null.
   * @throws what `write` has thrown; nothing was added.
   */
  bind(statement: string, values: readonly unknown[], write: (value: unknown) => unknown): void {
    const start = this.#size;
    const count = values.length;
    try {
      this.#reserve(12 + 2 * count);
      this.#bytes[this.#size] = BIND;
      this.#size += 5;
      this.#byte(0);
      this.#string(statement);
      this.#reserve(7 + 2 * count);
      this.#byte(0);
      this.#int16(count);
      let format = this.#size;
      this.#size += 2 * count;
      this.#int16(count);
      // By the count, as a value's own code may change the list.
      for (let index = 0; index < count; index++) {
        const isBinary = this.#value(write(values[index]));
        this.#bytes[format++] = 0;
        this.#bytes[format++] = isBinary ? 1 : 0;
      }
      this.#reserve(4);
      this.#int16(1);
      this.#int16(0);
      this.#int32(start + 1, this.#size - start - 1);
    } catch (error) {
      this.#size = start;
      throw error;
    }
  }

  /** @returns all that was added, and takes no more. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.#size);
    taken.set(this.#size === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#size));
    if (this.#bytes.length <= KEPT_BYTES) spare = this.#bytes;
    return taken;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns whether it is bytes and no text. */
  #value(value: unknown): boolean {
    this.#reserve(4);
    const at = this.#size;
    this.#size += 4;
    if (value === null || value === undefined) {
      this.#int32(at, NULL_LENGTH);
      return false;
    }
    const isBinary = value instanceof Buffer;
    if (isBinary) this.add(value);
    else if (typeof value === "string") this.#string(value);
    else throw new TypeError(`a parameter became ${typeof value}, which is neither text nor bytes`);
    this.#int32(at, this.#size - at - 4);
    return isBinary;
  }

  #string(text: string): void {
    const { length } = text;
    this.#reserve(3 * length);
    if (length > SHORT_STRING || !this.#ascii(text))
      this.#size += this.#bytes.write(text, this.#size, "utf8");
  }

  /** @returns whether it was nothing else, and is written. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#size;
    const { length } = text;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[start + index] = code;
    }
    this.#size = start + length;
    return true;
  }

  #byte(value: number): void {
    this.#bytes[this.#size++] = value;
  }

  #int16(value: number): void {
    this.#bytes[this.#size++] = value >>> 8;
    this.#bytes[this.#size++] = value;
  }

  #int32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }

  #reserve(length: number): void {
    const needed = this.#size + length;
    if (needed <= this.#bytes.length) return;
    const longer = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    longer.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = longer;
  }
}

/** Writes several messages as one piece. What pg itself writes meanwhile is a part of it. */
export function inOneFlight(connection: Connection, write: (flight: Flight) => void): void {
  const send = connection._send;
  const flight = new Flight();
  connection._send = (message) => flight.add(message);
  try {
    write(flight);
  } finally {
    connection._send = send;
    const isEmpty = flight.size === 0;
    const bytes = flight.take();
    if (!isEmpty) connection._send(bytes);
  }
}
