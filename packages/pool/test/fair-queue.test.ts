import { expect, test } from "vitest";
import { FairQueue, type Grouped } from "../src/queue/fair-queue.ts";

class Place implements Grouped<Place> {
  previous: Place | undefined;
  next: Place | undefined;
  isQueued = false;

  constructor(
    readonly name: string,
    readonly group: string | undefined,
  ) {}
}

/** `a1` is the first of group `a`, `-1` the first of those without a group. */
function queueOf(names: string) {
  const queue = new FairQueue<Place>();
  const places = names.split(" ").map((name) => new Place(name, name[0] === "-" ? undefined : name[0]));
  for (const place of places) queue.enqueue(place);
  return { queue, places };
}

function drained(queue: FairQueue<Place>): string {
  const names: string[] = [];
  for (let next = queue.dequeue(); next !== undefined; next = queue.dequeue()) names.push(next.name);
  return names.join(" ");
}

test.each([
  ["one group is first in, first out", "a1 a2 a3", "a1 a2 a3"],
  ["so are those without a group", "-1 -2 -3", "-1 -2 -3"],
  ["groups of one each are, too", "c1 a1 -1 b1", "c1 a1 -1 b1"],
  ["groups take turns", "a1 a2 a3 a4 b1 b2 c1", "a1 b1 c1 a2 b2 a3 a4"],
  ["those without a group are one among others", "-1 -2 -3 a1 a2", "-1 a1 -2 a2 -3"],
])("%s: %s", (_, came, taken) => {
  const { queue } = queueOf(came);
  expect(queue.size).toBe(came.split(" ").length);
  expect(drained(queue)).toBe(taken);
  expect([queue.size, [...queue.firsts()]]).toEqual([0, []]);
});

test("who comes with a crowd in front of them has one of it in front, and whoever comes again is behind the others", () => {
  const { queue } = queueOf("a1 a2 a3 a4 a5");
  queue.enqueue(new Place("b1", "b"));
  expect([queue.dequeue(), queue.dequeue()].map((each) => each?.name)).toEqual(["a1", "b1"]);
  queue.enqueue(new Place("c1", "c"));
  queue.enqueue(new Place("b2", "b"));
  expect(drained(queue)).toBe("a2 c1 b2 a3 a4 a5");
});

test("who leaves, leaves once, and a group that is empty has no turn", () => {
  const { queue, places } = queueOf("a1 b1 a2");
  const [, b1, a2] = places;
  if (b1 === undefined || a2 === undefined) throw new Error("three came");
  expect([queue.leave(b1), queue.leave(b1), queue.leave(a2)]).toEqual([true, false, true]);
  expect([queue.size, [...queue.firsts()].map(({ name }) => name)]).toEqual([1, ["a1"]]);
  queue.enqueue(b1);
  expect(drained(queue)).toBe("a1 b1");
  expect(queue.leave(a2)).toBe(false);
});

test.each([
  ["a crowd makes room for another group by its last", "a1 a2 a3 b1", "c", "a3"],
  ["those without a group do, too", "-1 -2 -3 b1", "b", "-3"],
  ["nobody makes room for a group that has its part", "a1 a2 b1 b2", "a", undefined],
  ["nor for one more of the largest", "a1 a2 a3 b1", "a", undefined],
  ["nor where each has one", "a1 b1 c1", "d", undefined],
  ["nor where there is one group", "a1 a2 a3", "a", undefined],
])("%s", (_, came, group, left) => {
  const { queue } = queueOf(came);
  expect(queue.leaveLargest(group)?.name).toBe(left);
  expect(queue.size).toBe(came.split(" ").length - (left === undefined ? 0 : 1));
});

test("it is left in the same order whatever is done to it, as a list of lists would be", () => {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const queue = new FairQueue<Place>();
  const model: Place[][] = [];
  for (let step = 0; step < 3_000; step++) {
    const waiting = model.flat();
    const group = ["a", "b", "c", undefined][random(4)];
    const place = new Place(String(step), group);
    const mates = model.find((each) => each[0]?.group === group);
    if (random(5) < 2) {
      queue.enqueue(place);
      if (mates === undefined) model.push([place]);
      else mates.push(place);
    } else if (random(2) === 0) {
      const turn = model.shift() ?? [];
      expect(queue.dequeue()).toBe(turn.shift());
      if (turn.length > 0) model.push(turn);
    } else if (waiting.length > 0) {
      const leaving = waiting[random(waiting.length)] ?? place;
      expect(queue.leave(leaving)).toBe(true);
      const index = model.findIndex((each) => each.includes(leaving));
      const list = model[index]?.filter((each) => each !== leaving) ?? [];
      model.splice(index, 1, ...(list.length > 0 ? [list] : []));
    }
    expect(queue.size).toBe(model.flat().length);
  }
});
