import { expect, test, vi } from "vitest";
import { forgetProcessWide, processWide } from "../src/process/singleton.ts";

test("one value per name and configuration, whatever copy of the module asks", async () => {
  const first = processWide("one", { max: 5 }, () => ({ made: 1 }), vi.fn());
  vi.resetModules();
  const copy = await import("../src/process/singleton.ts");
  expect(copy.processWide).not.toBe(processWide);
  expect(copy.processWide("one", { max: 5 }, () => ({ made: 2 }), vi.fn())).toBe(first);
});

test("a changed configuration makes a new value and retires the old one once", () => {
  const retire = vi.fn();
  const old = processWide("two", { max: 5 }, () => ({ max: 5 }), retire);
  const next = processWide("two", { max: 6 }, () => ({ max: 6 }), retire);
  expect(next).not.toBe(old);
  expect(retire.mock.calls).toEqual([[old]]);
  expect(processWide("two", { max: 6 }, () => ({ max: 6 }), retire)).toBe(next);
  expect(retire).toHaveBeenCalledOnce();
});

test("a forgotten value is made anew", () => {
  const first = processWide("three", {}, () => ({}), vi.fn());
  forgetProcessWide("three");
  expect(processWide("three", {}, () => ({}), vi.fn())).not.toBe(first);
});
