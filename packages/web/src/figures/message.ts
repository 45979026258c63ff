import { databaseActivity, type KnownActivity } from "@openhouse/db/figures";
import type { Fleet, ProcessRow } from "./fleet.ts";
import { withActivity } from "./judge-activity.ts";
import type { Reading } from "./reading.ts";

/** What a watcher is sent: first with what was, then each second. */
export interface FiguresMessage {
  /** The worst first. What is found of the database that all share counts for each. */
  readonly rows: readonly ProcessRow[];
  readonly history?: readonly Reading[];
  /** What goes on in the database, which is one for all processes; null where it was not read yet. */
  readonly activity: KnownActivity | null;
}

/** As it is known now. Waits for nothing; a reading of the database that it makes due is told in a later call. */
export function figuresNow(fleet: Fleet): FiguresMessage {
  const activity = databaseActivity();
  return { rows: withActivity(fleet.rows(), activity), activity };
}
