import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Table } from "@openhouse/tooling/measure/markdown";
import { format } from "./figures.ts";
import { RESULTS } from "./results.ts";
import type { RunOptions } from "./work.ts";

/** Lines of a table. */
const MOST = 15;

/** Long enough that compiling is over. */
export const PROFILED: RunOptions = { quick: false, rounds: 1, warmUpMs: 2_000, measureMs: 3_000 };

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

function folderOf(name: string): string {
  return join(RESULTS.path, "profiles", name);
}

/** Node's switches that make a process write down where its time goes. */
export function profileSwitches(name: string): string[] {
  rmSync(folderOf(name), { recursive: true, force: true });
  return ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folderOf(name)}`];
}

/**
 * Where the time went at the end of a process's life, by package and by function.
 *
 * @param lastMs how much of it counts: what was before is loading and warming up.
 */
export function profileTables(name: string, lastMs: number): Table[] {
  const [file] = readdirSync(folderOf(name));
  if (file === undefined) throw new Error(`no profile was written for ${name}`);
  const profile: CpuProfile = JSON.parse(readFileSync(join(folderOf(name), file), "utf8"));
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const maps = new Map<string, SourceMap | undefined>();
  const [byFunction, byPackage] = [new Map<string, number>(), new Map<string, number>()];
  let [totalUs, leftUs] = [0, lastMs * 1_000];
  for (let sample = profile.samples.length - 1; sample >= 0 && leftUs > 0; sample--) {
    const us = profile.timeDeltas[sample] ?? 0;
    leftUs -= us;
    const frame = frames.get(profile.samples[sample] ?? -1);
    if (frame === undefined || frame.functionName === "(idle)") continue;
    totalUs += us;
    const { url, line } = originOf(frame, maps);
    const place = url.includes("/") ? `${url.split("/").at(-1)}:${line}` : url;
    const called = `${frame.functionName || "(anonymous)"}  ${place}`;
    byFunction.set(called, (byFunction.get(called) ?? 0) + us);
    byPackage.set(packageOf(url), (byPackage.get(packageOf(url)) ?? 0) + us);
  }
  const tableOf = (heading: string, parts: Map<string, number>): Table => {
    const most = [...parts].toSorted(([, one], [, other]) => other - one).slice(0, MOST);
    const rows = most.map(([called, us]) => [`${format((100 * us) / totalUs, 1)} %`, called]);
    return { headings: ["self time", heading], rows };
  };
  return [tableOf("package", byPackage), tableOf("function", byFunction)];
}

/** Where the code that we have compiled was written. */
function originOf({ url, lineNumber, columnNumber }: CallFrame, maps: Map<string, SourceMap | undefined>) {
  if (!maps.has(url)) {
    const path = url.endsWith(".mjs") && !url.includes("/node_modules/") ? `${fileURLToPath(url)}.map` : "";
    maps.set(url, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  }
  const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
  return entry !== undefined && "originalSource" in entry
    ? { url: new URL(entry.originalSource, url).pathname, line: entry.originalLine + 1 }
    : { url, line: lineNumber + 1 };
}

function packageOf(url: string): string {
  if (url.startsWith("node:")) return "node";
  if (url === "") return "engine: garbage collection, natives";
  const inNodeModules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return inNodeModules ?? /\/(packages\/\w+|bench)\//.exec(url)?.[1] ?? url;
}
