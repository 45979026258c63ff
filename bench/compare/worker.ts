// Measures one entry of one work in a process of its own: told the job, then a round at a time, then to end.
import { workById } from "../work/index.ts";
import type { Figures } from "./figures.ts";
import type { Job, Session } from "./work.ts";

export type Order = { readonly job: Job } | "round" | "end";
export type Answer = { readonly figures?: Figures; readonly problem?: string };

let session: Session | undefined;

process.on("message", (order: Order) => {
  void obey(order)
    .catch((error: unknown): Answer => ({ problem: messageOf(error) }))
    .then((answer) => process.send?.(answer, () => order === "end" && process.exit(0)));
});
process.once("disconnect", () => process.exit(1));

async function obey(order: Order): Promise<Answer> {
  if (order === "end") await session?.end();
  else if (order === "round") return { figures: (await session?.round()) ?? {} };
  else session = await begin(order.job);
  return {};
}

function begin(job: Job): Promise<Session> | Session {
  const work = workById(job.workId);
  if ("begin" in work) return work.begin(job);
  if ("measure" in work) return { round: () => work.measure(job), end: async () => {} };
  throw new Error(`${work.id} is not measured in a process like this`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? messageOf(error.cause) : error.message;
}
