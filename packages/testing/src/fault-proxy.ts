import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Direction, NetworkConditions } from "./network-conditions.ts";
import { findFreePort, LOOPBACK } from "./ports.ts";
import { ProxiedConnection } from "./proxied-connection.ts";

/** A TCP proxy on 127.0.0.1 in front of a server, that can make the network's faults. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that are open through the proxy now. */
  readonly connections: number;
  /** What it holds back at the moment, because it is deaf or slow. */
  readonly bytesHeld: number;
  /** The database's URL, with the proxy's host and port. */
  url(databaseUrl: string): string;
  /** Deaf: nothing passes, no data and no end of a connection, and the sockets stay. New ones are taken and starve. */
  pause(direction?: Direction): void;
  /** Delivers what was held back, and whatever comes. */
  resume(): void;
  /** Resets every connection (RST), on both sides. */
  cut(): void;
  /** Resets the connection whose client sends this text, before the server sees it. Once; any case. */
  cutBefore(text: string): void;
  /** Lets the server have this text, and resets the connection when it answers. Once; any case. */
  cutAfter(text: string): void;
  /** New connections are refused (ECONNREFUSED); those that are there stay. */
  refuse(): Promise<void>;
  /** Takes connections again, on the same port. */
  accept(): Promise<void>;
  /** Holds every byte back for so long, in each direction. 0: off. */
  setDelayMs(delayMs: number): void;
  /** Ends the proxy and its connections. */
  close(): Promise<void>;
}

/** @param server an embedded one, or where another is. */
export async function startFaultProxy(server: { host: string; port: number }): Promise<FaultProxy> {
  const target = { host: server.host, port: server.port }; // a server's own are accessors, which no copy of it would have
  const conditions: NetworkConditions = { blackholed: "none", delayMs: 0, cutBefore: null, cutAfter: null };
  const connections = new Set<ProxiedConnection>();
  const take = (client: Socket) => {
    const connection = new ProxiedConnection(client, target, conditions, () =>
      connections.delete(connection),
    );
    connections.add(connection);
  };
  let listener: Server | null = await listen(await findFreePort(), take);
  const { port }: Pick<AddressInfo, "port"> = addressOf(listener);

  // `close` of a listener waits for its connections, which are to stay: it stops listening at once, and that is all we need.
  const refuse = async () => {
    listener?.close();
    listener = null;
  };
  return {
    port,
    get connections() {
      return connections.size;
    },
    get bytesHeld() {
      return [...connections].reduce((sum, connection) => sum + connection.bytesHeld, 0);
    },
    url(databaseUrl) {
      const url = new URL(databaseUrl);
      url.hostname = LOOPBACK;
      url.port = String(port);
      return url.href;
    },
    pause(direction = "both") {
      conditions.blackholed = direction;
    },
    resume() {
      conditions.blackholed = "none";
      for (const connection of connections) connection.flush();
    },
    cut() {
      for (const connection of connections) connection.reset();
    },
    cutBefore(text) {
      conditions.cutBefore = text.toLowerCase();
    },
    cutAfter(text) {
      conditions.cutAfter = text.toLowerCase();
    },
    refuse,
    async accept() {
      listener ??= await listen(port, take);
    },
    setDelayMs(delayMs) {
      conditions.delayMs = delayMs;
    },
    async close() {
      await refuse();
      for (const connection of connections) connection.reset();
    },
  };
}

function listen(port: number, take: (client: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    // Half-open allowed: an end is passed on like data, when its turn comes.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, take);
    server.once("error", reject);
    server.listen({ port, host: LOOPBACK }, () => resolve(server));
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy listens on no TCP port.");
  return address;
}
