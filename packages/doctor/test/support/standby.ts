import { execFileSync } from "node:child_process";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@openhouse/pool-testing";

/** A primary and its standby, each a server of its own. */
export interface Pair {
  readonly primary: EmbeddedPostgres;
  readonly standby: EmbeddedPostgres;
  /** As the superuser of both. */
  readonly standbyUrl: string;
  close(): Promise<void>;
}

const HBA = ["host replication all 127.0.0.1/32 scram-sha-256"];

/** The standby begins as a copy of the primary's files, made while that is stopped. */
export async function startPair(): Promise<Pair> {
  const primary = await startEmbeddedPostgres({ name: "doctor-primary", hba: HBA });
  const { username, password, port } = new URL(primary.url);
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=standby`;
  const settings = { primary_conninfo: conninfo, wal_retrieve_retry_interval: "200ms" };
  const standby = await startEmbeddedPostgres({ name: "doctor-standby", settings });
  await Promise.all([primary.kill(), standby.kill()]);
  copyData(primary.dataDirectory, standby.dataDirectory);
  await Promise.all([primary.restart(), standby.restart()]);
  const url = new URL(primary.url);
  url.port = String(standby.port);
  return {
    primary,
    standby,
    standbyUrl: url.href,
    async close() {
      await Promise.all([primary.stop("immediate"), standby.stop("immediate")]);
    },
  };
}

function copyData(from: string, to: string): void {
  rmSync(to, { recursive: true });
  execFileSync("cp", ["-a", from, to]);
  rmSync(join(to, "postmaster.pid"), { force: true });
  const signal = join(to, "standby.signal");
  writeFileSync(signal, "");
  const { uid, gid } = statSync(from);
  chownSync(signal, uid, gid);
}
