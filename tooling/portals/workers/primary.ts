/**
 * A program: `primary.ts PORT,PORT,... PROGRAM ARGUMENT...` runs a portal in a process for each port, its own one
 * (own-port.mjs). They share the address that the arguments name, whose socket this process keeps while one of them is replaced.
 * A signal that it gets is theirs, and its end is theirs: with the worst of their statuses.
 */
import cluster, { type Worker } from "node:cluster";
import { constants } from "node:os";
import { consoleLogger } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import { RestartDelay } from "./restart-delay.ts";

export type LogEvent = "web.worker_ended";

const STARTED_WITHIN_MS = 120_000;

/** A place for one process after the other. */
interface Place {
  /** From 1 on. */
  readonly number: number;
  readonly port: number;
  readonly delay: RestartDelay;
  startedAtMs: number;
  worker: Worker | undefined;
  restart: NodeJS.Timeout | undefined;
}

const log = consoleLogger<LogEvent>({ format: "json", debug: false });
const [ports = "", program = "", ...args] = process.argv.slice(2);
const places = ports.split(",").map(
  (port, index): Place => ({
    number: index + 1,
    port: Number(port),
    delay: new RestartDelay(),
    startedAtMs: 0,
    worker: undefined,
    restart: undefined,
  }),
);
let hasStarted = false;
let isEnding = false;
let worstStatus = 0;

function start(place: Place): void {
  const worker = cluster.fork({ WORKER_PORT: String(place.port) });
  place.worker = worker;
  place.startedAtMs = performance.now();
  // `signal` is null, whatever its type says, where the process has ended by itself.
  worker.once("exit", (code, signal?: string | null) => onExit(place, worker, code, signal ?? undefined));
}

function onExit(place: Place, worker: Worker, code: number, signal: string | undefined): void {
  place.worker = undefined;
  // One that cannot start would not be able to the next time: nothing is gained by what the others could do.
  if (!hasStarted) end("SIGTERM");
  if (isEnding) {
    worstStatus = Math.max(worstStatus, statusOf(code, signal));
    exitWithTheLast();
    return;
  }
  const restartInMs = place.delay.next(performance.now() - place.startedAtMs);
  log.error("web.worker_ended", {
    worker: place.number,
    pid: worker.process.pid,
    ...(signal === undefined ? { code } : { signal }),
    restartInMs,
  });
  place.restart = setTimeout(() => start(place), restartInMs);
}

/** As a shell tells it. */
function statusOf(code: number, signal: string | undefined): number {
  const known = Object.entries(constants.signals).find(([name]) => name === signal);
  return known === undefined ? code : 128 + known[1];
}

function end(signal: NodeJS.Signals): void {
  isEnding = true;
  for (const { worker, restart } of places) {
    clearTimeout(restart);
    worker?.process.kill(signal);
  }
}

function exitWithTheLast(): void {
  if (places.every(({ worker }) => worker === undefined)) process.exit(worstStatus);
}

// Each accepts from the one socket as it has time. In turn, the default, this process would hand connections over: one that is
// on its way to a worker that has just died is then answered by nobody, and stays open.
cluster.schedulingPolicy = cluster.SCHED_NONE;
cluster.setupPrimary({
  exec: program,
  args,
  // As in the portals' own `npm start`.
  execArgv: [
    "--import",
    "@openhouse/web/json-start",
    "--import",
    new URL("own-port.mjs", import.meta.url).href,
  ],
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    end(signal);
    exitWithTheLast();
  });
}
for (const place of places) start(place);
for (const { number, port } of places) {
  const isLive = async () => (await fetch(`http://127.0.0.1:${port}/api/health/live`)).ok;
  await waitFor(isLive, {
    timeoutMs: STARTED_WITHIN_MS,
    intervalMs: 50,
    what: `worker ${number} to answer`,
  });
}
hasStarted = true;
