import { expect, test } from "vitest";
import { withTimeout } from "../src/async/with-timeout.ts";

const tooLate = () => new Error("too late");

function blockLoop(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test("what has arrived while the event loop was blocked is in time, though the timer fires first", async () => {
  let arrive = (_: string) => {};
  const arrives = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const outcome = withTimeout(arrives, 5, tooLate);
  setTimeout(() => arrive("here"), 30); // fires behind the other one, as what is read from a socket does
  blockLoop(60);
  expect(await outcome).toBe("here");
});

test("what has not arrived by then is too late", async () => {
  const outcome = withTimeout(new Promise(() => {}), 5, tooLate);
  blockLoop(60);
  await expect(outcome).rejects.toThrow("too late");
});
