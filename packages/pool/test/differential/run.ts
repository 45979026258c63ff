import { createHash } from "node:crypto";
import {
  type Contestant,
  type ContestantClient,
  ourContestant,
  type QueryArguments,
  referenceContestant,
} from "./contestants.ts";
import { type Database, DRIZZLE_CALLS } from "./drizzle-calls.ts";
import { isSame, type Observation, ofError, ofResult, show } from "./observe.ts";
import { type Call, changesSchema, type DrizzleCall, type Program, type Step } from "./program.ts";
import type { World } from "./world.ts";

/** One of the two, and the tables that it works on. */
export interface Side {
  readonly contestant: Contestant;
  readonly world: World;
}

/** Equal in the first 63 bytes, which is all that the server reads of a name. */
const LONG = "a name that is longer than the sixty-three bytes the server reads of it: ";

const OWN_CHANGE = "alter table public.cfg alter column v type varchar(100)";

/** @param mark makes the texts of one program different from those of every other one. */
export async function runProgram(
  program: Program,
  { contestant, world }: Side,
  mark: string,
): Promise<Observation[]> {
  const seen: Observation[] = [];
  try {
    for (const step of program) {
      seen.push(await take(step, contestant, world, mark));
      await contestant.settled();
    }
    seen.push(await world.contents());
    return seen;
  } finally {
    const isChanged = changesSchema(program);
    await world.restore(isChanged);
    // Somebody else's change may fail a named statement for a minute. One of its own ends its names.
    if (isChanged) await contestant.query(OWN_CHANGE);
  }
}

/** @throws {Error} with the first difference. */
export async function compare(program: Program, plain: Side, ours: Side, mark: string): Promise<void> {
  const [expected, found] = await Promise.all([
    runProgram(program, plain, mark),
    runProgram(program, ours, mark),
  ]);
  const at = expected.findIndex((each, index) => !isSame(each, found[index]));
  if (at === -1) return;
  throw new Error(
    `step ${at} of\n${program.map((step, n) => `${n}: ${show(step)}`).join("\n")}\npg.Pool: ${show(expected[at])}\nours:    ${show(found[at])}`,
  );
}

async function take(step: Step, contestant: Contestant, world: World, mark: string): Promise<Observation> {
  if ("query" in step) return await observeCall(step.query, contestant, mark);
  if ("elsewhere" in step) return await outcome(world.execute(step.elsewhere), "");
  if ("drizzle" in step) return await observeDrizzle(step, contestant.db);
  if ("hold" in step) return await hold(step.hold, contestant, mark);
  return await transact(step, contestant.db);
}

async function hold(
  steps: Extract<Step, { hold: unknown }>["hold"],
  contestant: Contestant,
  mark: string,
): Promise<Observation> {
  const client = await contestant.connect();
  const heard: unknown[] = [];
  const hear = ({ message, severity, channel, payload }: Record<string, unknown>) => {
    heard.push({ message, severity, channel, payload });
  };
  client.on("notice", hear);
  client.on("notification", hear);
  const seen: Observation[] = [];
  for (const step of steps) {
    seen.push(
      await observeCall("own" in step ? step.own : step.other, "own" in step ? client : contestant, mark),
    );
    await contestant.settled();
  }
  client.off("notice", hear);
  client.off("notification", hear);
  client.release();
  return { seen, heard };
}

async function transact(
  { transaction, nested, fails }: Extract<Step, { transaction: unknown }>,
  db: Database,
): Promise<Observation> {
  const seen: Observation[] = [];
  const whole = db.transaction(async (tx) => {
    for (const each of transaction) {
      const observed =
        "drizzle" in each ? await observeDrizzle(each, tx) : await observeExecute(each.execute, tx);
      seen.push(observed);
      // A transaction that goes on after a failure is told differently on purpose.
      if (isFailure(observed)) throw new Error("stops here");
    }
    const inner = tx.transaction(async (savepoint) => {
      for (const each of nested) {
        const observed = await observeDrizzle(each, savepoint);
        seen.push(observed);
        if (isFailure(observed)) throw new Error("stops there");
      }
      if (fails === "nested") throw new Error("nested fails");
    });
    if (nested.length > 0) seen.push(await outcome(inner, ""));
    else await inner.catch(() => {});
    if (fails === "outer") throw new Error("outer fails");
    return "done";
  });
  return { outcome: await outcome(whole, ""), seen };
}

function observeDrizzle({ drizzle, seed }: DrizzleCall, db: Database): Promise<Observation> {
  const asked = DRIZZLE_CALLS[drizzle];
  if (asked === undefined) throw new Error(`there is no call ${drizzle}`);
  return outcome(asked(db, seed), "order by");
}

function observeExecute({ text }: Call, db: Database): Promise<Observation> {
  return outcome(db.execute(text), text);
}

function observeCall(
  call: Call,
  queryable: Pick<ContestantClient, "query">,
  mark: string,
): Promise<Observation> {
  return outcome(queryable.query(...argumentsOf(call, mark)), call.text);
}

function argumentsOf({ text: unmarked, values, form }: Call, mark: string): QueryArguments {
  const text = values.length > 0 ? `${unmarked} --${mark}` : unmarked;
  // pg writes into an array of values.
  const own = [...values];
  switch (form) {
    case "text":
      return values.length > 0 ? [text, own] : [text];
    case "config":
      return [{ text, values: own }];
    case "array":
      return [{ text, values: own, rowMode: "array" }];
    case "extended":
      return [{ text, values: own, queryMode: "extended" }];
    default:
      return [{ text, values: own, name: form === "long" ? LONG + text : shortName(text) }];
  }
}

async function outcome(work: PromiseLike<unknown>, text: string): Promise<Observation> {
  try {
    return ofResult(await work, text);
  } catch (error) {
    return { error: ofError(error) };
  }
}

function shortName(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

function isFailure(observed: Observation): boolean {
  return typeof observed === "object" && observed !== null && "error" in observed;
}

export { ourContestant, referenceContestant };
