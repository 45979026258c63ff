import { abort } from "./abort.ts";
import { backendsDie } from "./backend-dies.ts";
import { beginFails } from "./begin-fails.ts";
import type { FaultScenario } from "./context.ts";
import { end } from "./end.ts";
import { frozenProcess } from "./frozen-process.ts";
import { frozenServer } from "./frozen-server.ts";
import { garbageSettings } from "./garbage-settings.ts";
import { halfOpen } from "./half-open.ts";
import { hangingHook } from "./hanging-hook.ts";
import { keptTooLong } from "./kept-too-long.ts";
import { lifetimes } from "./lifetimes.ts";
import { lostInTransaction } from "./lost-in-transaction.ts";
import { manyWaiters } from "./many-waiters.ts";
import { nestedAcquire } from "./nested-acquire.ts";
import { processesEnd } from "./process-end.ts";
import { refusedSignIn } from "./refused-sign-in.ts";
import { restart } from "./restart.ts";
import { statesInherited } from "./returned-dirty.ts";
import { secrets } from "./secrets.ts";
import { slowConnect } from "./slow-connect.ts";
import { staleStatements } from "./stale-statement.ts";
import { statementDeadline } from "./statement-deadline.ts";
import { statementError } from "./statement-error.ts";
import { throwingCodes } from "./throwing-code.ts";
import { tooManyConnections } from "./too-many-connections.ts";
import { wrongUrl } from "./wrong-url.ts";

/** By the names of docs/FAULTS.md, in its order. */
export const FAULTS: Record<string, FaultScenario> = {
  "statement-error": { title: "a statement fails: 400 unique violations", run: statementError },
  "begin-fails": { title: "BEGIN fails 5 times, max 5", run: beginFails },
  "backend-dies": { title: "a backend dies: idle, checked out, at work", run: backendsDie },
  "lost-in-transaction": {
    title: "connection lost in a transaction, a failure swallowed",
    run: lostInTransaction,
  },
  "returned-dirty": { title: "a connection comes back dirty", run: statesInherited },
  end: { title: "end() with clients out and waiters queued", run: end },
  "half-open": { title: "half-open connections, deadline 200 ms", run: halfOpen },
  restart: { title: "the server restarts under load", run: (context) => restart(context, "immediate") },
  "frozen-server": { title: "server frozen, deadline 200 ms", run: frozenServer },
  "too-many-connections": { title: "53300: the server takes 2 connections of 10", run: tooManyConnections },
  "slow-connect": { title: "connecting hangs while 2 connections are well", run: slowConnect },
  "many-waiters": { title: "40,000 waiters time out", run: manyWaiters },
  "statement-deadline": { title: "30 INSERTs exceed their deadline, 100 ms, max 2", run: statementDeadline },
  "stale-statement": { title: "a prepared statement goes stale", run: staleStatements },
  abort: { title: "the caller aborts a statement", run: abort },
  "garbage-settings": { title: "garbage in the environment", run: garbageSettings },
  "wrong-url": { title: "a DATABASE_URL that cannot be right", run: wrongUrl },
  secrets: { title: "errors and pools reach a log", run: secrets },
  "nested-acquire": { title: "db inside db.transaction on a full pool", run: nestedAcquire },
  "hanging-hook": {
    title: "a hook hangs, deadline 300 ms",
    run: (context) => hangingHook(context, "onConnect"),
  },
  "frozen-process": {
    title: "60 statements of a process that was frozen, its backends gone",
    run: (context) => frozenProcess(context, "idle", "running", 1_500),
  },
  "kept-too-long": { title: "a client is kept too long", run: keptTooLong },
  lifetimes: { title: "20 connections of one age expire, after 3 s", run: lifetimes },
  "refused-sign-in": { title: "20 callers after the password was changed", run: refusedSignIn },
  "throwing-code": { title: "listeners and loggers throw", run: throwingCodes },
  "process-end": { title: "a script is done; PID 1 with two pools gets SIGTERM", run: processesEnd },
};
