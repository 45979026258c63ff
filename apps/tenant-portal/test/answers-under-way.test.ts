import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import {
  type AnswerUnderWay,
  beginAnswer,
  countUnderWay,
  PATIENCE_MS,
} from "../lib/chat/answers-under-way.ts";

const begun = (key: string): AnswerUnderWay => {
  const answer = beginAnswer(key);
  if (answer === null) throw new Error("it is under way");
  return answer;
};

test("a question is answered by one at a time, others at the same time", () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const first = begun(one);
  expect(beginAnswer(one)).toBeNull();
  begun(other).over("settled");
  first.over("settled");
  const second = begun(one);
  first.over("settled"); // over already: says nothing of the second
  expect(beginAnswer(one)).toBeNull();
  second.over("settled");
});

test("a question that takes another's place waits until that one's answer is over", () => {
  const [old, edited] = [randomUUID(), randomUUID()];
  const first = begun(old);
  expect(beginAnswer(edited, [randomUUID(), old])).toBeNull();
  begun(randomUUID()).over("settled");
  first.over("settled");
  const second = beginAnswer(edited, [randomUUID(), old]);
  expect(second).not.toBeNull();
  second?.over("settled");
});

test("an answer that this process has lost keeps nobody waiting; any other might be another process's", () => {
  vi.useFakeTimers();
  const key = randomUUID();
  const lost = () => begun(key).over("lost");
  const patience = () => {
    const answer = begun(key);
    answer.over("settled");
    return answer.patienceMs;
  };
  lost();
  expect([patience(), patience()]).toEqual([0, PATIENCE_MS]);
  lost();
  vi.advanceTimersByTime(PATIENCE_MS);
  expect(patience()).toBe(PATIENCE_MS);
  vi.useRealTimers();
});

test("answers under way are counted for whom they are made", () => {
  const [one, two, other] = ["a/b/1", "a/b/2", "a/bc/1"].map((key) => beginAnswer(key));
  expect(countUnderWay("a/b/")).toBe(2);
  for (const answer of [one, two, other]) answer?.over("settled");
  expect(countUnderWay("a/b/")).toBe(0);
});
