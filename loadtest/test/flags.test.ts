import { expect, test } from "vitest";
import { readFlags } from "../flags.ts";

test("the seeds' three configurations are the defaults", () => {
  expect(readFlags(["chat"])).toEqual(readFlags(["chat", "--concurrent", "100"]));
  expect(readFlags(["onboarding"])).toEqual(readFlags(["onboarding", "--rate", "50"]));
  expect(readFlags(["rag"])).toEqual(readFlags(["rag", "--requests", "200"]));
});

test("no request may fail, and no latency is too long, unless a threshold says otherwise", () => {
  expect(readFlags(["chat", "--max-error-rate", "0.5", "--max-p99", "800"])).toMatchObject({
    "max-error-rate": 0.5,
    "max-p99": 800,
  });
  expect(readFlags(["chat"])).toMatchObject({ "max-error-rate": 0, "max-p99": Number.POSITIVE_INFINITY });
});

test.each([
  [["chat", "--concurrent", "many"], '--concurrent must be a whole number from 1 to 2000; it is "many"'],
  [["chat", "--concurrent", "0"], "--concurrent must be a whole number"],
  [["onboarding", "--rate", ""], "--rate must be a number from 0.1"],
  [["onboarding", "--requests", "5"], "--requests means nothing to onboarding; it takes --rate, --duration"],
  [["rga"], "which load test: one of chat, onboarding, rag, all, mixed, docs; got rga"],
  [[], "got none"],
  [["chat", "--concurent", "5"], "--concurent"],
  [["chat", "100"], "Unexpected argument '100'"],
  [["all", "--compare", "--restart"], "leave --restart out"],
  [["mixed", "--compare"], "--compare is for"],
  [["chat", "--restart", "--database-url", "postgres://localhost/x"], "need the embedded server"],
  [["chat", "--database-url", "nonsense"], "--database-url must be an address"],
  [["chat", "--database-url", "mysql://a:b@host/database"], "--database-url must be an address"],
])("%j is refused with its reason", (args, reason) => {
  expect(() => readFlags(args)).toThrow(reason);
});

test("every fault is told at once", () => {
  const faults = () => readFlags(["onboarding", "--rate", "x", "--duration", "y"]);
  expect(faults).toThrow("--rate must be");
  expect(faults).toThrow("--duration must be");
});
