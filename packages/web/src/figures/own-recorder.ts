import { lifecycleState } from "@openhouse/db/client";
import { observeDatabase } from "@openhouse/db/figures";
import { processGlobal } from "@openhouse/pool/process";
import { Recorder } from "./recorder.ts";

const EVERY_MS = 1_000;

const own = processGlobal<{ recorder: Recorder; timer: NodeJS.Timeout | undefined }>(
  "web/figures/recorder",
  () => ({
    recorder: new Recorder({
      observe: observeDatabase,
      isDraining: () => lifecycleState() !== "open",
      now: Date.now,
    }),
    timer: undefined,
  }),
);

/** Of this process. */
export const recorder = own.recorder;

/** Begins to note each second how the database is doing. Idempotent; keeps no process alive. */
export function startRecording(): void {
  own.timer ??= setInterval(() => recorder.record(), EVERY_MS).unref();
}
