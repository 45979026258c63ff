import { beforeEach, vi } from "vitest";
import { everyLineLog, log } from "../../src/log.ts";

/**
 * Has each line of the portals' log written. All files of a process share that log, and one with many
 * failures uses up what the limit lets through, so that the next one's line would be held back.
 */
export function unlimitedLog(): void {
  beforeEach(() => {
    const write = vi
      .spyOn(log, "write")
      .mockImplementation((level, event, _kind, fields) => everyLineLog()[level](event, { ...fields() }));
    return () => write.mockRestore();
  });
}
