import { expect, test } from "vitest";
import { connectionsToOpen, type SizingState } from "../../src/sizing/connections-to-open.ts";

/** Nobody waits, nothing is open, and there is room for ten. */
const CALM: SizingState = {
  waiting: 0,
  servedMeanwhile: 0,
  open: 0,
  idle: 0,
  preparing: 0,
  connecting: 0,
  overdue: 0,
  cancelling: 0,
  min: 0,
  max: 10,
  hasFailed: false,
};

test.each<[string, Partial<SizingState>, number, ReturnType<typeof connectionsToOpen>["reason"]]>([
  ["nobody waits and nothing is kept", {}, 0, "none"],
  ["each waiting caller gets a connection", { waiting: 3 }, 3, "waiter"],
  ["no more than max are opened", { waiting: 30, open: 4 }, 6, "waiter"],
  ["a full pool opens none", { waiting: 5, open: 10 }, 0, "none"],
  ["an attempt under way counts for a waiting caller", { waiting: 3, connecting: 2 }, 1, "waiter"],
  ["an attempt under way takes capacity", { waiting: 30, open: 4, connecting: 4 }, 2, "waiter"],
  ["an idle connection will serve a waiting caller", { waiting: 2, open: 1, idle: 1 }, 1, "waiter"],
  ["a connection being reset will serve a waiting caller", { waiting: 2, open: 2, preparing: 2 }, 0, "none"],
  ["a statement being cancelled takes capacity", { waiting: 30, open: 4, cancelling: 5 }, 1, "waiter"],
  ["callers served meanwhile need none", { waiting: 5, open: 2, servedMeanwhile: 5 }, 0, "none"],
  ["part of a caller is a caller", { waiting: 5, open: 2, servedMeanwhile: 3.2 }, 2, "waiter"],
  ["the minimum is opened while nobody waits", { min: 2 }, 2, "minimum"],
  ["the minimum is refilled", { min: 3, open: 2, idle: 2 }, 1, "minimum"],
  ["an attempt under way counts for the minimum", { min: 2, connecting: 2 }, 0, "none"],
  ["waiting callers and the minimum share connections", { min: 2, waiting: 3 }, 3, "waiter"],
  ["the minimum may ask for more than the callers do", { min: 4, waiting: 1 }, 4, "waiter"],
  ["after a failure one attempt goes alone", { waiting: 8, hasFailed: true }, 1, "waiter"],
  [
    "after a failure the attempt under way is awaited",
    { waiting: 8, hasFailed: true, connecting: 1 },
    0,
    "none",
  ],
  [
    "an attempt that may hang counts for no waiting caller",
    { waiting: 1, connecting: 1, overdue: 1 },
    1,
    "waiter",
  ],
  ["an attempt that may hang takes capacity", { waiting: 2, max: 2, connecting: 1, overdue: 1 }, 1, "waiter"],
  [
    "where every attempt may hang and there is no room, none is opened",
    { waiting: 2, max: 2, connecting: 2, overdue: 2 },
    0,
    "none",
  ],
  ["an attempt that may hang counts for the minimum", { min: 1, connecting: 1, overdue: 1 }, 0, "none"],
  [
    "after a failure another attempt follows the one that may hang",
    { waiting: 8, hasFailed: true, connecting: 1, overdue: 1 },
    1,
    "waiter",
  ],
  ["a pool that was made smaller opens none", { waiting: 3, open: 12 }, 0, "none"],
])("%s", (_case, given, count, reason) => {
  expect(connectionsToOpen({ ...CALM, ...given })).toEqual({ count, reason });
});
