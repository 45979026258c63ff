import fc from "fast-check";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { type Flight, inOneFlight } from "../src/pg/flight.ts";
import { type Connection, prepareValue } from "../src/pg/internals.ts";

const SYNC = Buffer.from([83, 0, 0, 0, 4]);

/** What pg writes itself. */
function pgWrites(write: (connection: Connection) => void): Buffer {
  const sent: Buffer[] = [];
  const stream = { writable: true, on() {}, write: (message: Buffer) => sent.push(message) };
  write(new pg.Connection({ stream: stream as never }) as unknown as Connection);
  return Buffer.concat(sent);
}

function pgBinds(statement: string, values: unknown[]): Buffer {
  return pgWrites((connection) => connection.bind({ statement, values, valueMapper: prepareValue }));
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 100 }),
  fc.string({ maxLength: 70 }),
);
const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
const value = fc.oneof(
  text,
  bytes,
  fc.constant(null),
  fc.constant(undefined),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.array(text, { maxLength: 5 }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
);
const bound = fc.record({
  statement: fc.string({ unit: "grapheme", maxLength: 70 }),
  values: fc.array(value),
});

/** What reaches the socket. */
function written(write: (flight: Flight) => void): Buffer[] {
  const sent: Buffer[] = [];
  const connection = { _send: (message: Buffer) => sent.push(message) } as unknown as Connection;
  inOneFlight(connection, write);
  return sent;
}

describe("a flight", () => {
  test("says what pg would say, byte for byte, in one piece", () => {
    fc.assert(
      fc.property(fc.array(bound, { minLength: 1, maxLength: 4 }), (binds) => {
        const byPg = pgWrites((connection) => {
          for (const { statement, values } of binds) {
            connection.bind({ statement, values, valueMapper: prepareValue });
            connection.execute({});
          }
          connection.sync();
        });
        const sent = written((flight) => {
          for (const { statement, values } of binds) {
            flight.bind(statement, values, prepareValue);
            flight.add(pgWrites((connection) => connection.execute({})));
          }
          flight.add(SYNC);
        });
        expect(sent).toHaveLength(1);
        expect(sent[0]?.equals(byPg)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("grows with what is written to it, and the next one starts anew", () => {
    for (const length of [10, 100, 5_000, 200_000, 10]) {
      const values = [
        "é".repeat(length),
        Buffer.alloc(length, 7),
        "x".repeat(length),
        ...Array(2_000).fill(null),
      ];
      const sent = written((flight) => flight.bind("name", values, prepareValue));
      expect(sent[0]?.equals(pgBinds("name", values))).toBe(true);
    }
  });

  test("leaves out a Bind whose value cannot be written", () => {
    const broken = {
      toPostgres() {
        throw new RangeError("no");
      },
    };
    const sent = written((flight) => {
      flight.add(SYNC);
      expect(() => flight.bind("name", ["a", broken], prepareValue)).toThrow(RangeError);
      expect(() => flight.bind("name", ["a"], () => 5)).toThrow(TypeError);
      flight.add(SYNC);
    });
    expect(sent).toEqual([Buffer.concat([SYNC, SYNC])]);
  });

  test("is not disturbed by another one that is written meanwhile, as a value's own code may ask for", () => {
    let inner: Buffer[] = [];
    const value = {
      toPostgres() {
        inner = written((flight) => flight.bind("inner", ["b".repeat(50)], prepareValue));
        return "a";
      },
    };
    const outer = written((flight) => flight.bind("outer", ["c", value, "d"], prepareValue));
    expect(inner).toEqual([pgBinds("inner", ["b".repeat(50)])]);
    expect(outer).toEqual([pgBinds("outer", ["c", "a", "d"])]);
  });

  test("that is empty is not sent; one whose writing breaks off is sent as far as it goes", () => {
    expect(written(() => {})).toEqual([]);
    const sent: Buffer[] = [];
    const connection = { _send: (message: Buffer) => sent.push(message) } as unknown as Connection;
    expect(() =>
      inOneFlight(connection, (flight) => {
        flight.add(SYNC);
        throw new RangeError("no");
      }),
    ).toThrow(RangeError);
    expect(sent).toEqual([SYNC]);
  });
});
