import { beforeEach, vi } from "vitest";
import { everyLineLog, type LogEvent, log } from "../../src/log.ts";

/**
 * Has each line of the portals' log written. All files of a process share that log, and one with many failures uses up what the
 * limit lets through, so that the next one's line would be held back.
 */
export function unlimitedLog(): void {
  beforeEach(() => {
    const unlimited = everyLineLog<LogEvent>();
    const spies = (["info", "warn", "error"] as const).map((level) =>
      vi.spyOn(log, level).mockImplementation((event, fields) => unlimited[level](event, fields)),
    );
    return () => {
      for (const spy of spies) spy.mockRestore();
    };
  });
}
