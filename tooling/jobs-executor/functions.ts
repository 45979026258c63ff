import { waitMs } from "./duration.ts";
import { listOf, member, textMember } from "./json.ts";

/** A function as the portal has registered it: what of it this executor understands. */
export interface RegisteredFunction {
  readonly id: string;
  readonly events: readonly string[];
  readonly crons: readonly string[];
  /** How often a step is tried again. */
  readonly retries: number;
  /** Events with the same value at `path` put off the run, which gets the last one of them. */
  readonly debounce: { readonly path: readonly string[]; readonly periodMs: number } | undefined;
  /** Settings that are not kept to here. */
  readonly ignored: readonly string[];
}

const RETRIES = 3;
/** `concurrency` is not among them: this executor does little at once anyway. */
const NOT_UNDERSTOOD = [
  "batchEvents",
  "rateLimit",
  "throttle",
  "cancel",
  "idempotency",
  "singleton",
  "timeouts",
];
const PATH = /^event(\.[A-Za-z_]\w*)+$/;

/** Reads what the SDK sends to `/fn/register`. */
export function readFunctions(registration: unknown): RegisteredFunction[] {
  return listOf(member(registration, "functions")).flatMap((config) => {
    const id = textMember(config, "id");
    return id === undefined ? [] : [readFunction(id, config)];
  });
}

function readFunction(id: string, config: unknown): RegisteredFunction {
  const triggers = listOf(member(config, "triggers"));
  const named = (name: string) => triggers.flatMap((trigger) => textMember(trigger, name) ?? []);
  const [step] = Object.values(Object(member(config, "steps")));
  const attempts = member(member(step, "retries"), "attempts");
  const debounce = readDebounce(member(config, "debounce"));
  const ignored = NOT_UNDERSTOOD.filter((name) => {
    const setting = member(config, name);
    return setting !== undefined && setting !== null;
  });
  if (named("expression").length > 0) ignored.push("expression");
  if (debounce === "not understood") ignored.push("debounce");
  return {
    id,
    events: named("event"),
    crons: named("cron"),
    retries: typeof attempts === "number" ? attempts : RETRIES,
    debounce: debounce === "not understood" ? undefined : debounce,
    ignored,
  };
}

function readDebounce(config: unknown): RegisteredFunction["debounce"] | "not understood" {
  const period = textMember(config, "period");
  if (period === undefined) return undefined;
  const key = textMember(config, "key") ?? "event.name";
  if (!PATH.test(key)) return "not understood";
  return { path: key.split(".").slice(1), periodMs: waitMs(period, Date.now()) };
}
