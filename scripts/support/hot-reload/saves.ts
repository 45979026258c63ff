import type { DevPortal } from "./dev-portal.ts";
import { SAVED_FILES, type SavedFile } from "./editable-copy.ts";
import { type Figures, untilTold } from "./figures.ts";
import type { Laboratory } from "./laboratory.ts";

/** What was seen after one save, in one portal. */
export interface SaveRecord extends Figures {
  readonly portal: string;
  readonly file: SavedFile;
  readonly number: number;
  /** Until every answer came from what was saved, in milliseconds. */
  readonly reloadMs: number;
}

const TOLD_AS: Record<SavedFile, string> = {
  "client.ts": "client",
  "resources.ts": "resources",
  "route.ts": "route",
};

/**
 * Saves each file this many times, and after each save sends requests to both portals until what was saved answers.
 *
 * @param onSave told of each save as it is done.
 */
export async function saveOften(
  laboratory: Laboratory,
  times: number,
  onSave: (records: readonly SaveRecord[]) => void = () => {},
): Promise<SaveRecord[]> {
  const all: SaveRecord[] = [];
  for (let number = 1; number <= times; number++) {
    for (const file of SAVED_FILES) {
      laboratory.watch.resetPeaks();
      laboratory.copy.save(file, number);
      const records = await Promise.all(
        laboratory.portals.map((portal) => afterSave(laboratory, portal, file, number)),
      );
      onSave(records);
      all.push(...records);
    }
  }
  return all;
}

async function afterSave(
  { watch }: Laboratory,
  portal: DevPortal,
  file: SavedFile,
  number: number,
): Promise<SaveRecord> {
  const savedAt = performance.now();
  const figures = await untilTold(watch, portal, TOLD_AS[file], number);
  return { portal: portal.name, file, number, ...figures, reloadMs: performance.now() - savedAt };
}
