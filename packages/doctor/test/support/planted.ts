import { join } from "node:path";
import { migrate } from "@openhouse/db/migrate";
import { createTenantDatabase, type TenantDatabase } from "@openhouse/db/test-support/database";
import { readSettings } from "@openhouse/pool";
import { repositoryRoot } from "@openhouse/pool-testing";
import pg from "pg";
import { type DoctorOptions, examine, type Finding, type Ignore, readConfigFile } from "../../src/index.ts";

export const ROOT = repositoryRoot();
export const DOCTOR_FILE = readConfigFile(join(ROOT, "doctor.json"));

/** Our own database as it is migrated, in which something may be planted. */
export interface Patient {
  readonly database: TenantDatabase;
  /** The portals' role. */
  readonly app: string;
  readonly superuser: pg.Client;
  /** One more connection, closed with the rest. */
  connect(url: string): Promise<pg.Client>;
  /** What is done at the end, the last first. */
  later(work: () => Promise<unknown>): void;
}

export async function withPatient<T>(work: (patient: Patient) => Promise<T>): Promise<T> {
  const { patient, close } = await openPatient();
  try {
    return await work(patient);
  } finally {
    await close();
  }
}

/** For several plants, one after the other. */
export async function openPatient() {
  const database = await createTenantDatabase();
  const superuser = await connectTo(database.superuserUrl);
  const works: (() => Promise<unknown>)[] = [];
  const later = (end: () => Promise<unknown>) => void works.unshift(end);
  const connect = async (url: string) => {
    const client = await connectTo(url);
    later(() => client.end());
    return client;
  };
  const app = new URL(database.appUrl).username;
  /** Does what was to be done later. */
  const settle = async () => {
    for (let end = works.shift(); end !== undefined; end = works.shift()) await end();
  };
  const close = async () => {
    await settle();
    await superuser.end();
    await database.drop();
  };
  // A copy lacks the limits that its template's role was set in that database.
  await migrate(database);
  const patient: Patient = { database, app, superuser, connect, later };
  return { patient, settle, close };
}

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

export interface Look {
  readonly env?: Record<string, string>;
  readonly options?: Partial<DoctorOptions>;
  readonly ignore?: readonly Ignore[];
}

/** As the portals would be run, and with an owner who sees everything. */
export async function lookAt({ database }: Patient, { env, options, ignore }: Look = {}): Promise<Finding[]> {
  const urls = { DATABASE_URL: database.appUrl, DATABASE_URL_OWNER: database.superuserUrl };
  const { findings } = await examine(
    {
      settings: () => readSettings({ ...urls, ...env }),
      tenantColumn: "tenant_id",
      migrations: join(ROOT, "packages/db/migrations"),
      instances: 2,
      ...options,
    },
    ignore ?? DOCTOR_FILE.ignore,
  );
  return [...findings];
}

/** How the machine that runs the tests is doing, which is no matter of the database's. */
const OF_THE_MACHINE = ["dns", "round_trip", "clock", "keepalive"];

/** All that is not as it should be, but for the machine, unless that is asked for. */
export function faultsIn(findings: readonly Finding[], asked?: string): Finding[] {
  return findings.filter(
    ({ id, level }) => level !== "ok" && level !== "skip" && (id === asked || !OF_THE_MACHINE.includes(id)),
  );
}
