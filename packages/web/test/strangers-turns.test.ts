import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StrangersTurns } from "../src/strangers-turns.ts";

const LIMITS = { atOnce: 3, maxWaiting: 10, everyMs: 50, calmAfterMs: 1_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Who has begun, in order, and how to end them. */
function strangersOf(turns: StrangersTurns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const come = (name: string) =>
    turns.run(() => {
      begun.push(name);
      return new Promise<void>((resolve) => void ends.set(name, resolve));
    });
  const end = async (name: string) => {
    await vi.advanceTimersByTimeAsync(0);
    ends.get(name)?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { begun, come, end };
}

/** Somebody who is signed in, until they are told to go. */
function memberOf(turns: StrangersTurns): () => Promise<void> {
  let leave = () => {};
  const isOver = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const noted = turns.noteMember(isOver);
  return async () => {
    leave();
    await noted;
    await vi.advanceTimersByTimeAsync(0);
  };
}

test("while nobody who is signed in is about, strangers are served three at a time, first come first served", async () => {
  const { begun, come, end } = strangersOf(new StrangersTurns(LIMITS));
  for (const name of ["a", "b", "c", "d", "e"]) void come(name);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(begun).toEqual(["a", "b", "c"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c", "d"]);
});

test("while somebody who is signed in is served, strangers begin one by one, at a pace that nobody can keep them from", async () => {
  const turns = new StrangersTurns(LIMITS);
  const { begun, come, end } = strangersOf(turns);
  memberOf(turns);
  for (const name of ["a", "b", "c", "d"]) void come(name);
  await vi.advanceTimersByTimeAsync(49);
  expect(begun).toEqual(["a"]);
  await end("a");
  expect(begun).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["a", "b"]);
  await vi.advanceTimersByTimeAsync(100);
  expect(begun).toEqual(["a", "b", "c", "d"]);
});

test("between two pages of who is signed in, the next stranger begins as soon as the one before is served", async () => {
  const turns = new StrangersTurns(LIMITS);
  const { begun, come, end } = strangersOf(turns);
  await memberOf(turns)();
  for (const name of ["a", "b", "c", "d"]) void come(name);
  await vi.advanceTimersByTimeAsync(10);
  expect(begun).toEqual(["a"]);
  await end("a");
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
});

test("a stranger who waits for somebody who is signed in begins once that is served", async () => {
  const turns = new StrangersTurns({ ...LIMITS, everyMs: 60_000 });
  const { begun, come, end } = strangersOf(turns);
  const leave = memberOf(turns);
  void come("a");
  void come("b");
  await end("a");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(begun).toEqual(["a"]);
  await leave();
  expect(begun).toEqual(["a", "b"]);
});

test("strangers hold back for a second after the last who was signed in", async () => {
  const turns = new StrangersTurns({ ...LIMITS, everyMs: 1_001 });
  const { begun, come } = strangersOf(turns);
  await memberOf(turns)();
  for (const name of ["a", "b", "c", "d"]) void come(name);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(begun).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["a", "b", "c"]);
});

test("who needs no turn any more when it has come takes none, and no time of those behind", async () => {
  const turns = new StrangersTurns({ ...LIMITS, atOnce: 1 });
  const { begun, come, end } = strangersOf(turns);
  void come("a");
  let gone = false;
  const left = [1, 2, 3].map(() =>
    turns.run(
      () => Promise.reject(new Error("begun")),
      () => !gone,
    ),
  );
  void come("b");
  gone = true;
  await end("a");
  expect(await Promise.all(left)).toEqual([false, false, false]);
  expect(begun).toEqual(["a", "b"]);
});

test("beyond those who may wait a stranger is refused, and a place comes back from work that fails", async () => {
  const turns = new StrangersTurns({ ...LIMITS, maxWaiting: 1 });
  const { begun, come } = strangersOf(turns);
  const failing = expect(
    turns.run(async () => {
      await vi.advanceTimersByTimeAsync(5);
      throw new Error("broken");
    }),
  ).rejects.toThrow("broken");
  void come("a");
  void come("b");
  void come("c");
  await expect(come("d")).rejects.toMatchObject({ code: "TOO_BUSY" });
  await failing;
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["a", "b", "c"]);
});
