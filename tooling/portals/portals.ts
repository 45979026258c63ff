import { connect, createServer } from "node:net";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { UserError } from "../cli/user-error.ts";

/** A portal, and the port that the environment gives it. */
export interface Portal {
  readonly name: "developer-portal" | "tenant-portal";
  readonly title: string;
  readonly directory: string;
  readonly portVariable: string;
  readonly port: number;
  /** As people open it. */
  readonly address: string;
}

/** @throws {UserError} listing every fault of the ports. */
export function readPortals(env: NodeJS.ProcessEnv): Portal[] {
  const faults: string[] = [];
  const portal = (name: Portal["name"], title: string, portVariable: string, defaultPort: number): Portal => {
    const text = env[portVariable] || String(defaultPort);
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
      faults.push(`${portVariable} must be a port from 1 to 65535, such as ${defaultPort}; it is "${text}"`);
    }
    const directory = join(repositoryRoot(), "apps", name);
    return { name, title, directory, portVariable, port, address: `http://localhost:${text}` };
  };
  const portals = [
    portal("developer-portal", "Developer portal", "DEVELOPER_PORTAL_PORT", 3000),
    portal("tenant-portal", "Tenant portal", "TENANT_PORTAL_PORT", 3001),
  ];
  const [first, second] = portals;
  if (first?.port === second?.port) {
    faults.push(`DEVELOPER_PORTAL_PORT and TENANT_PORTAL_PORT must differ; both are ${first?.port}`);
  }
  if (faults.length > 0) throw new UserError(faults.join("\n"));
  return portals;
}

/** A portal of this checkout, for somebody who gives it a port of its own. */
export function portalNamed(name: string): Portal {
  const portal = readPortals({ NODE_ENV: "production" }).find((each) => each.name === name);
  if (portal === undefined) throw new Error(`there is no ${name}`);
  return portal;
}

/** @throws {UserError} naming every portal whose port another program uses, and how to choose another. */
export async function assertPortsFree(portals: readonly Portal[], command: string): Promise<void> {
  const taken: Portal[] = [];
  for (const portal of portals) if (await isTaken(portal.port)) taken.push(portal);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ title, port, portVariable }) =>
      `Port ${port} is in use by another program, so the ${title.toLowerCase()} cannot have it. ` +
      `Choose another: ${portVariable}=${port > 65_000 ? port - 100 : port + 100} ${command}`,
  );
  throw new UserError(`${lines.join("\n")}\nNothing was started.`);
}

/**
 * Asked both ways: binding alone would succeed on macOS beside a program that listens on all addresses, and
 * `localhost` may mean ::1 to a browser, where another program could answer in our place.
 */
async function isTaken(port: number): Promise<boolean> {
  return (await answers("127.0.0.1", port)) || (await answers("::1", port)) || !(await canListen(port));
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
