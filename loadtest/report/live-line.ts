import type { Progress } from "../generator/run.ts";

const QUIET_EVERY_S = 5;

/** Shows how a run is getting on: one line that is written over at a terminal, a line now and then elsewhere. */
export class LiveLine {
  #lastS = 0;

  show({ seconds, operations }: Progress): void {
    const parts = operations
      .filter(({ name }) => !name.includes(","))
      .map(
        ({ name, answered, failed, underWay }) =>
          `${name} ${answered} ok, ${failed} failed, ${underWay} under way`,
      );
    const line = `${seconds.toFixed(0).padStart(4)} s  ${parts.join("  |  ")}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${line.slice(0, process.stdout.columns - 1)}`);
    else if (seconds - this.#lastS >= QUIET_EVERY_S) {
      this.#lastS = seconds;
      console.log(line);
    }
  }

  end(): void {
    this.#lastS = 0;
    if (process.stdout.isTTY) process.stdout.write("\r\x1b[2K");
  }
}
