import { createHash } from "node:crypto";
import { processGlobal } from "./process-global.ts";

interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

const entries = /* @__PURE__ */ processGlobal("registry", () => new Map<string, Entry<unknown>>());

/**
 * Returns the process's one value of this name and configuration, made at the first call.
 * When the configuration has changed, a new value takes its place and the old one is handed to `retire`.
 *
 * @param config what the value depends on, secrets too: only a hash of it is kept.
 */
export function processWide<T>(name: string, config: unknown, create: () => T, retire: (old: T) => void): T {
  const key = createHash("sha256").update(JSON.stringify(config)).digest("hex");
  const existing = processWideCurrent<T>(name);
  const entry = entries.get(name);
  if (existing !== undefined && entry?.key === key) return existing;
  const value = create();
  entries.set(name, { key, value });
  if (existing !== undefined) retire(existing);
  return value;
}

/** The value of this name, if there is one, whatever its configuration. */
export function processWideCurrent<T>(name: string): T | undefined {
  // The name fixes the type: each has one place that creates it.
  return entries.get(name)?.value as T | undefined;
}

/** Forgets the value of this name, so that the next call makes a new one. */
export function forgetProcessWide(name: string): void {
  entries.delete(name);
}
