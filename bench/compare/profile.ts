import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { table } from "../support/table.ts";
import { format } from "./figures.ts";
import type { Effort } from "./work.ts";

export const PROFILES = fileURLToPath(new URL("../results/profiles/", import.meta.url));
const MOST = 15;

/** Long enough that compiling is over. */
export const PROFILED: Effort = { quick: false, rounds: 1, warmUpMs: 2_000, measureMs: 3_000 };

interface Place {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    id: number;
    callFrame: Place;
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Node's switches that make a process write down where its time goes. */
export function profileSwitches(name: string): string[] {
  rmSync(join(PROFILES, name), { recursive: true, force: true });
  return ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${join(PROFILES, name)}`];
}

/**
 * Where the time went at the end of a process's life.
 *
 * @param lastMs how much of it counts: what was before is loading and warming up.
 */
export function profileTable(name: string, lastMs: number): string {
  const [file] = readdirSync(join(PROFILES, name));
  if (file === undefined) throw new Error(`no profile was written for ${name}`);
  const profile: CpuProfile = JSON.parse(readFileSync(join(PROFILES, name, file), "utf8"));
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const origins = new Origins();
  const [byFunction, byPackage] = [new Map<string, number>(), new Map<string, number>()];
  let [totalUs, leftUs] = [0, lastMs * 1_000];
  for (let sample = profile.samples.length - 1; sample >= 0 && leftUs > 0; sample--) {
    const us = profile.timeDeltas[sample] ?? 0;
    leftUs -= us;
    const place = places.get(profile.samples[sample] ?? -1);
    if (place === undefined || place.functionName === "(idle)") continue;
    totalUs += us;
    const { url, line: at } = origins.of(place);
    const from = packageOf(url);
    const line = url.includes("/") ? `${url.split("/").at(-1)}:${at}` : url;
    const called = `${place.functionName || "(anonymous)"}  ${line}`;
    byFunction.set(called, (byFunction.get(called) ?? 0) + us);
    byPackage.set(from, (byPackage.get(from) ?? 0) + us);
  }
  const rows = (parts: Map<string, number>, most: number) =>
    [...parts]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, most)
      .map(([called, us]) => [`${format((100 * us) / totalUs, 1)} %`, called]);
  return [
    table(["self time", "package"], rows(byPackage, MOST)),
    table(["self time", "function"], rows(byFunction, MOST)),
  ].join("\n\n");
}

/** Where the code that we have compiled was written. */
class Origins {
  readonly #maps = new Map<string, SourceMap | undefined>();

  of({ url, lineNumber, columnNumber }: Place): { url: string; line: number } {
    const entry = this.#mapOf(url)?.findEntry(lineNumber, columnNumber);
    return entry !== undefined && "originalSource" in entry
      ? { url: new URL(entry.originalSource, url).pathname, line: entry.originalLine + 1 }
      : { url, line: lineNumber + 1 };
  }

  #mapOf(url: string): SourceMap | undefined {
    if (!this.#maps.has(url)) {
      const isOurs = url.endsWith(".mjs") && !url.includes("/node_modules/");
      const path = isOurs ? `${fileURLToPath(url)}.map` : "";
      const read = () => new SourceMap(JSON.parse(readFileSync(path, "utf8")));
      this.#maps.set(url, existsSync(path) ? read() : undefined);
    }
    return this.#maps.get(url);
  }
}

function packageOf(url: string): string {
  if (url.startsWith("node:")) return "node";
  if (url === "") return "engine: garbage collection, natives";
  const inNodeModules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return inNodeModules ?? /\/(packages\/\w+|bench)\//.exec(url)?.[1] ?? url;
}
