import type { GeneratorResult } from "../results.ts";
import type { Progress } from "./run.ts";

/** What the generator tells its parent. */
export type FromGenerator =
  | { readonly kind: "listening" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "midway"; readonly atS: number }
  | { readonly kind: "result"; readonly result: GeneratorResult }
  | { readonly kind: "failed"; readonly reason: string };
