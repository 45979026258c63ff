import { setTimeout as sleep } from "node:timers/promises";
import type { Portal } from "@openhouse/tooling/portals/portals";
import { alertsIn } from "./alerts.ts";
import type { Drill } from "./drills.ts";
import { adviceFor } from "./runbook.ts";
import { type LogLine, Stage, type Visit } from "./stage.ts";

/** A visitor who gets a page within that time does not notice. */
const AT_ONCE_MS = 2_000;
/** Pages in a row that make it normal. */
const IN_A_ROW = 3;
const LONGEST_CELL = 44;

/** A drill as it went, one cell each. */
export interface Report {
  readonly name: string;
  readonly health: string;
  readonly ready: string;
  readonly users: string;
  readonly log: string;
  readonly alert: string;
  readonly normal: string;
  readonly advice: string;
  readonly wrong: readonly string[];
}

export async function perform(drill: Drill, portal: Portal): Promise<Report> {
  const stage = await Stage.open(drill.name, portal, drill);
  try {
    await sleep(2_500); // a calm moment, for the alerts to compare with
    const before = { lines: stage.lines.length, atMs: stage.nowMs };
    const mend = await drill.make(stage);
    await sleep(drill.lastsMs);
    const endedAtMs = stage.nowMs;
    await mend?.();
    const normalMs = await untilNormal(stage, endedAtMs, drill.expected.normalWithinMs);
    const also = await drill.judge?.(stage);
    return await judge(drill, stage, before, normalMs, also);
  } finally {
    await stage.close();
  }
}

/** @returns undefined where it does not become so in time. */
async function untilNormal(stage: Stage, sinceMs: number, withinMs: number): Promise<number | undefined> {
  if (withinMs === Number.POSITIVE_INFINITY) return 0;
  const isWell = ({ answer, tookMs }: Visit) => answer === "200" && tookMs < AT_ONCE_MS;
  while (stage.nowMs - sinceMs < withinMs + IN_A_ROW * 1_000) {
    const later = stage.visits
      .filter(({ atMs }) => atMs >= sinceMs - AT_ONCE_MS)
      .sort((a, b) => a.atMs - b.atMs);
    const last = later.slice(-IN_A_ROW);
    const [first] = last;
    if (
      first !== undefined &&
      last.length === IN_A_ROW &&
      last.every(isWell) &&
      first.atMs + first.tookMs >= sinceMs
    )
      return Math.max(0, first.atMs + first.tookMs - sinceMs);
    await sleep(100);
  }
  return undefined;
}

async function judge(
  { name, expected }: Drill,
  stage: Stage,
  before: { readonly lines: number; readonly atMs: number },
  normalMs: number | undefined,
  also: string | undefined,
): Promise<Report> {
  const wrong: string[] = [];
  const seen = stage.seen.filter(({ atMs }) => atMs >= before.atMs);
  const states = [...new Set(seen.map(({ health }) => health))];
  if (!states.some((state) => state.includes(expected.health)))
    wrong.push(`health never said ${expected.health}`);
  const ready = seen.some((each) => each.ready === "503") ? "503" : "200";
  if (expected.ready !== "either" && ready !== expected.ready)
    wrong.push(`ready: ${ready} in place of ${expected.ready}`);
  const visits = stage.visits.filter(({ atMs }) => atMs >= before.atMs);
  const answers = countOf(visits.map(({ answer }) => answer));
  const others = Object.keys(answers).filter((answer) => !expected.users.includes(answer));
  if (others.length > 0) wrong.push(`visitors got ${others.join(", ")}`);
  const [first = "200"] = expected.users;
  if (answers[first] === undefined) wrong.push(`no visitor got ${first}`);
  const lines = stage.lines.slice(before.lines);
  const told = lines.find((line) => isLine(line, expected.log));
  if (expected.log !== undefined && told === undefined) wrong.push(`the log has no line ${expected.log}`);
  if (stage.strayLines.length > 0) wrong.push(`no JSON: ${stage.strayLines[0]}`);
  const alerts = await alertsIn(stage.scrapes);
  if (alerts !== undefined && expected.alert !== undefined && !alerts.includes(expected.alert))
    wrong.push(`${expected.alert} does not fire`);
  if (alerts !== undefined && expected.alert === undefined && alerts.includes("DatabaseDown"))
    wrong.push("DatabaseDown would wake somebody for nothing");
  if (normalMs === undefined) wrong.push(`not normal within ${expected.normalWithinMs} ms`);
  else if (normalMs > expected.normalWithinMs) wrong.push(`normal after ${Math.round(normalMs)} ms only`);
  const advice = told && adviceFor(told);
  if (expected.advice !== undefined && !expected.advice.test(advice?.todo ?? ""))
    wrong.push(`the runbook says: ${advice?.todo ?? "nothing"}`);
  if (also !== undefined) wrong.push(also);
  const slowest = Math.max(0, ...visits.map(({ tookMs }) => tookMs));
  return {
    name,
    health: cell(states.join(", ")),
    ready,
    users: cell(
      `${Object.entries(answers)
        .map(([answer, count]) => `${count} x ${answer}`)
        .join(", ")}, ${seconds(slowest)}`,
    ),
    log: cell(told === undefined ? countedEvents(lines) : `${told.event} ${told.kind ?? ""}`),
    alert: alerts === undefined ? "SKIP: no promtool" : cell(alerts.join(", ")),
    normal: normalMs === undefined ? "never" : seconds(normalMs),
    advice: cell(advice?.sees ?? ""),
    wrong,
  };
}

function isLine(line: LogLine, expected = ""): boolean {
  const [event = "", word] = expected.split(" ");
  return line.event.startsWith(event) && (word === undefined || line.kind === word || line.code === word);
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const countedEvents = (lines: readonly LogLine[]) => [...new Set(lines.map(({ event }) => event))].join(", ");
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const cell = (text: string) => (text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text);
