import { expect, test } from "vitest";
import { bytesOf, laterToken, ReadToken, readToken } from "../../src/query/read-token.ts";
import { checkedReadOptions } from "../../src/replicas/read-options.ts";

test("a token is read as it was written, and nothing is no token", () => {
  expect(readToken("3/1/16b3748")).toEqual(new ReadToken(3, "1/16B3748"));
  expect(String(readToken("3/1/16B3748"))).toBe("3/1/16B3748");
  expect(JSON.stringify({ after: new ReadToken(1, "0/1") })).toBe('{"after":"1/0/1"}');
  for (const nothing of [undefined, null, ""]) expect(readToken(nothing)).toBeUndefined();
});

test.each([
  "1",
  "1/0",
  "1/0/",
  "1/0/G",
  "-1/0/1",
  "1/0/123456789",
  "4294967296/0/1",
  "1/0/1\n",
  "1/0/1 ",
  " 1/0/1",
  "1/0/1'; select",
])("a text that is no token is refused, and not shown: %j", (text) => {
  expect(() => readToken(text)).toThrow(expect.objectContaining({ code: "READ_TOKEN" }));
  expect(() => readToken(text)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining(`${text}'`) }),
  );
});

test("positions are compared as numbers, and a later timeline is later", () => {
  expect(bytesOf("1/0") > bytesOf("0/FFFFFFFF")).toBe(true);
  const [early, late] = [new ReadToken(1, "0/FF"), new ReadToken(1, "0/100")];
  expect(laterToken(early, late)).toBe(late);
  expect(laterToken(late, early)).toBe(late);
  expect(laterToken(undefined, early)).toBe(early);
  const promoted = new ReadToken(2, "0/1");
  expect(laterToken(late, promoted)).toBe(promoted);
  expect(laterToken(promoted, late)).toBe(promoted);
});

test("a write whose position is not known stays so, whatever others were", () => {
  const known = new ReadToken(1, "0/FF");
  expect(laterToken(known, ReadToken.PRIMARY)).toBe(ReadToken.PRIMARY);
  expect(laterToken(ReadToken.PRIMARY, known)).toBe(ReadToken.PRIMARY);
  expect(ReadToken.of(undefined)).toBe(ReadToken.PRIMARY);
  expect(ReadToken.of({ timeline: null, lsn: null })).toBe(ReadToken.PRIMARY);
});

test("what a read asks of a replica is checked before anything is sent", () => {
  expect(() => checkedReadOptions({ maxLagMs: -1 })).toThrow(expect.objectContaining({ code: "SCOPE" }));
  expect(() => checkedReadOptions({ maxLagMs: Number.NaN })).toThrow(
    expect.objectContaining({ code: "SCOPE" }),
  );
  const forged = { timeline: 1, lsn: "x" } as ReadToken;
  expect(() => checkedReadOptions({ after: forged })).toThrow(
    expect.objectContaining({ code: "READ_TOKEN" }),
  );
});
