import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { lifecycleState } from "@openhouse/db/client";
import { observeDatabase } from "@openhouse/db/figures";
import { processGlobal } from "@openhouse/pool/process";
import type { Portal } from "../session-token.ts";
import { setting } from "../settings.ts";
import { Recorder } from "./recorder.ts";

const EVERY_MS = 1_000;

/** Which process figures are of. */
export interface ProcessName {
  /** Of this run: a process that is started anew has another one. */
  readonly id: string;
  readonly portal: Portal | null;
  /** Host and process number. */
  readonly instance: string;
  /** What the deployment calls what runs. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

interface Own {
  readonly recorder: Recorder;
  readonly id: string;
  readonly startedAtMs: number;
  portal: Portal | null;
  timer: NodeJS.Timeout | undefined;
}

/** Shared by the copies of this module that a bundler makes. */
const own = processGlobal<Own>("web/figures/own", () => ({
  recorder: new Recorder({
    observe: observeDatabase,
    isDraining: () => lifecycleState() !== "open",
    now: Date.now,
  }),
  id: randomUUID(),
  startedAtMs: Math.round(performance.timeOrigin),
  portal: null,
  timer: undefined,
}));

/** Of this process. */
export const recorder = own.recorder;

/** Begins to note each second how the database is doing. Idempotent; keeps no process alive. */
export function startRecording(portal?: Portal): void {
  own.portal = portal ?? own.portal;
  own.timer ??= setInterval(() => recorder.record(), EVERY_MS).unref();
}

export function processName(): ProcessName {
  const { id, portal, startedAtMs } = own;
  const version = setting("APP_VERSION") || process.env.npm_package_version || "unknown";
  return { id, portal, instance: `${hostname()}:${process.pid}`, version, startedAtMs };
}
