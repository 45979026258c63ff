import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { repositoryRoot, waitFor } from "@openhouse/pool-testing";

/** As `server` lines of `deploy/haproxy.cfg` name an instance. */
export type Server = `${"developer" | "tenant"}/${"a" | "b"}`;

/** Debian's HAProxy with the configuration that we hand out. */
export interface HaProxy {
  /** Whether it sends requests there. */
  isUp(server: Server): Promise<boolean>;
  /** How many connections it has opened there for requests, since it started. */
  served(server: Server): Promise<number>;
  /** `drain` sends nothing there until `ready`, whatever its checks say. */
  setState(server: Server, state: "drain" | "ready"): Promise<void>;
  /** Everything that it has written. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts it with `deploy/haproxy.cfg`, in which nothing but the addresses is changed.
 *
 * @param addresses what stands for each address of the file.
 * @throws {Error} an address is not in the file, or HAProxy did not start.
 */
export async function startHaProxy(addresses: Readonly<Record<string, string>>): Promise<HaProxy> {
  const folder = await mkdtemp(join(tmpdir(), "openhouse-haproxy-"));
  const socketPath = join(folder, "admin.sock");
  let config = await readFile(join(repositoryRoot(), "deploy/haproxy.cfg"), "utf8");
  for (const [address, own] of Object.entries({ ...addresses, "/run/haproxy/admin.sock": socketPath })) {
    if (!config.includes(address)) throw new Error(`deploy/haproxy.cfg has no ${address}`);
    config = config.replaceAll(address, own);
  }
  const path = join(folder, "haproxy.cfg");
  await writeFile(path, config);
  // In the foreground, so that what it says can be read and its end is its process's.
  const child = spawn("haproxy", ["-db", "-f", path], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  const ended = once(child, "close");

  const command = (line: string) => ask(socketPath, line);
  const column = async (server: Server, name: string) => {
    const [header = "", ...lines] = (await command("show stat")).replace(/^# /, "").trim().split("\n");
    const names = header.split(",");
    const line = lines.find((each) => each.startsWith(`${server.replace("/", ",")},`));
    return line?.split(",")[names.indexOf(name)] ?? "";
  };
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true });
  };
  try {
    const answers = () => child.exitCode !== null || command("show info").then(() => true);
    await waitFor(answers, { what: "HAProxy to run" });
    if (child.exitCode !== null) throw new Error("it ended");
  } catch (cause) {
    await stop();
    throw new Error(`HAProxy did not start:\n${said}`, { cause });
  }
  return {
    isUp: async (server) => (await column(server, "status")).startsWith("UP"), // "UP 1/2": one check has failed
    served: async (server) => Number(await column(server, "stot")),
    setState: async (server, state) => void (await command(`set server ${server} state ${state}`)),
    output: () => said,
    stop,
  };
}

async function ask(socketPath: string, line: string): Promise<string> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  socket.write(`${line}\n`);
  return text(socket);
}
