// Saves files while both portals run under `next dev`, and counts their connections in pg_stat_activity after each save.
import { parseArgs } from "node:util";
import { migrate } from "@openhouse/db/migrate";
import { asSuperuser, startEmbeddedPostgres, withDatabase } from "@openhouse/pool-testing";
import { Interrupted, listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import type { PortalDatabase } from "./support/hot-reload/dev-portal.ts";
import { PORTALS } from "./support/hot-reload/editable-copy.ts";
import { FIRST_MAX, Laboratory } from "./support/hot-reload/laboratory.ts";
import { changesTable, savesTable } from "./support/hot-reload/report.ts";
import { saveOften } from "./support/hot-reload/saves.ts";
import { type ChangeRecord, changeSettings, settingsChanges } from "./support/hot-reload/settings-changes.ts";
import { faultsOfChanges, faultsOfSaves } from "./support/hot-reload/verdict.ts";

const USAGE = `npm run test:hot-reload -- [--saves N]
  --saves N     how often client.ts, resources.ts and a route are saved, each; settings change N / 10 times each way [20]`;
const FAULTS_SHOWN = 20;

await main(async () => {
  const saves = readSaves();
  const { aborted } = listenForSignals();
  const startedAt = performance.now();
  const server = await startEmbeddedPostgres({ name: "hot-reload", temporary: true });
  try {
    console.log("Both portals start under next dev, in a copy of the checkout ...");
    const laboratory = await Laboratory.open(server.url, await makeDatabases(server.url));
    try {
      console.log(
        `The pool's max is ${FIRST_MAX}; the health probe has one connection beside it. Idle connections are kept.`,
      );
      const faults = await saveAndReport(laboratory, saves, aborted);
      faults.push(...(await changeAndReport(laboratory, saves, aborted)));
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(`\n${faults.length === 0 ? "All is well" : `${faults.length} faults`}, after ${seconds} s`);
      return faults.length === 0 ? 0 : 1;
    } finally {
      await laboratory.close();
    }
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  } finally {
    await server.stop("immediate");
  }
});

function readSaves(): number {
  try {
    const { values } = parseArgs({ options: { saves: { type: "string", default: "20" } } });
    const saves = Number(values.saves);
    if (!Number.isInteger(saves) || saves < 1) throw new Error("--saves takes a whole number from 1");
    return saves;
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

async function makeDatabases(serverUrl: string): Promise<PortalDatabase[]> {
  const databases: PortalDatabase[] = [];
  for (const portal of PORTALS) {
    const name = portal.replace("-", "_");
    await asSuperuser(serverUrl, (client) => client.query(`create database ${name}`));
    const ownerUrl = withDatabase(serverUrl, name);
    const appUrl = new URL(ownerUrl);
    appUrl.username = "openhouse_app";
    appUrl.password = "app";
    await migrate({ ownerUrl, appUrl: appUrl.href });
    databases.push({ name, appUrl: appUrl.href });
  }
  return databases;
}

async function saveAndReport(laboratory: Laboratory, saves: number, aborted: AbortSignal): Promise<string[]> {
  const records = await saveOften(laboratory, saves, (saved) => {
    const counts = saved.map(({ portal, pooled, probes }) => `${portal} ${pooled.length} + ${probes.length}`);
    const [first] = saved;
    progress(`save ${first?.number}/${saves} of ${first?.file}: backends of ${counts.join(", ")}`);
    aborted.throwIfAborted();
  });
  return report(savesTable(records), faultsOfSaves(records, FIRST_MAX));
}

async function changeAndReport(
  laboratory: Laboratory,
  saves: number,
  aborted: AbortSignal,
): Promise<string[]> {
  const records: ChangeRecord[] = [];
  const changes = settingsChanges(laboratory, Math.ceil(saves / 10), saves + 1);
  for (const [index, change] of changes.entries()) {
    records.push(...(await changeSettings(laboratory, change)));
    progress(`change ${index + 1}/${changes.length} of settings: ${change.what}, max ${change.max}`);
    aborted.throwIfAborted();
  }
  return report(changesTable(records), faultsOfChanges(records));
}

function report(table: string, faults: string[]): string[] {
  progress("");
  console.log(`\n${table}`);
  for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`FAULT: ${fault}`);
  return faults;
}

/** One line that changes in place; a line each where the output is no terminal. */
function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text}`);
  else if (text !== "") console.log(text);
}
