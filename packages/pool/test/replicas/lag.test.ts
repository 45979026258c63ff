import { expect, test } from "vitest";
import { PrimaryHistory } from "../../src/replicas/lag.ts";

test("a replica that has all that the primary was known to have does not lag", () => {
  const history = new PrimaryHistory();
  expect(history.lagMs("0/1", 0)).toBe(0);
  history.add("0/100", 1_000);
  expect(history.lagMs("0/100", 1_500)).toBe(0);
  expect(history.lagMs("0/101", 1_500)).toBe(0);
});

test("a lag is the time since the primary was where the replica is, at most", () => {
  const history = new PrimaryHistory();
  history.add("0/100", 1_000);
  history.add("0/200", 2_000);
  history.add("0/300", 3_000);
  expect(history.lagMs("0/2FF", 3_100)).toBe(1_100);
  expect(history.lagMs("0/1FF", 3_100)).toBe(2_100);
  expect(history.lagMs("0/1FF", 3_100, 40)).toBe(40); // its last commit is younger
  expect(history.lagMs("0/2FF", 3_100, 3_600_000)).toBe(1_100); // the primary was idle for an hour
  expect(history.lagMs("0/2FF", 3_100, -5)).toBe(0);
});

test("a replica that is older than what is known of the primary lags for an unknown time", () => {
  const history = new PrimaryHistory();
  history.add("0/100", 1_000);
  expect(history.lagMs("0/FF", 1_100)).toBe(Number.POSITIVE_INFINITY);
});

test("another primary's log begins the history anew", () => {
  const history = new PrimaryHistory();
  history.add("5/0", 1_000);
  history.add("0/100", 2_000);
  expect(history.lagMs("0/FF", 2_100)).toBe(Number.POSITIVE_INFINITY);
  expect(history.lagMs("0/100", 2_100)).toBe(0);
});
