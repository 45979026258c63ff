import { connect, createServer, type Socket } from "node:net";

/** What somebody has asked a database for. */
export interface Flights {
  /** Settings of a scope, and what begins and ends a transaction, aside. */
  readonly statements: readonly string[];
  /** How often something was sent, and an answer awaited: Syncs, and statements of the simple protocol. */
  readonly flights: number;
  /** Round trips that were waited for one after the other: those at the same time count once. */
  readonly roundTrips: number;
  /** The most connections that were at work at the same time. */
  readonly connections: number;
}

/** A proxy in front of a server that counts, without TLS. */
export interface FlightCounter {
  readonly port: number;
  /** What was asked since the last call. */
  take(): Flights;
  close(): void;
}

const NOT_COUNTED = /^(select set_config\(\$1|begin|commit|rollback|$)/i;

export async function startFlightCounter(target: { host: string; port: number }): Promise<FlightCounter> {
  let taken = { statements: [] as string[], flights: 0, roundTrips: 0, connections: 0 };
  const sockets = new Set<Socket>();
  const underWay = new Map<Socket, number>();
  const note = (client: Socket, count: number) => {
    if (underWay.size === 0) taken.roundTrips++;
    taken.flights += count;
    underWay.set(client, (underWay.get(client) ?? 0) + count);
    taken.connections = Math.max(taken.connections, underWay.size);
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ ...target, noDelay: true });
    const asked = new Messages(true);
    const answered = new Messages(false);
    const texts = new Texts();
    client.on("data", (bytes: Buffer) => {
      let flights = 0;
      for (const message of asked.read(bytes)) {
        const text = texts.executedBy(message);
        if (text !== undefined && !NOT_COUNTED.test(text.trim())) taken.statements.push(text);
        if ("QS".includes(String.fromCharCode(message[0] ?? 0))) flights++;
      }
      if (flights > 0) note(client, flights);
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      for (const message of answered.read(bytes)) {
        if (message[0] !== "Z".charCodeAt(0)) continue;
        const left = (underWay.get(client) ?? 0) - 1;
        if (left > 0) underWay.set(client, left);
        else underWay.delete(client);
      }
      client.write(bytes);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        underWay.delete(client);
        for (const each of [client, server]) each.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    take() {
      const flights = taken;
      taken = { statements: [], flights: 0, roundTrips: 0, connections: 0 };
      return flights;
    },
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Which text an Execute runs, as far as one portal at a time is bound: pg binds no other. */
class Texts {
  readonly #byName = new Map<string, string>();
  #bound = "";

  executedBy(message: Buffer): string | undefined {
    const [first = "", second = ""] = message.toString("utf8", 5).split("\0", 2);
    switch (String.fromCharCode(message[0] ?? 0)) {
      case "P":
        this.#byName.set(first, second);
        return undefined;
      case "B":
        this.#bound = this.#byName.get(second) ?? "";
        return undefined;
      case "E":
        return this.#bound;
      case "Q":
        return first;
      default:
        return undefined;
    }
  }
}

/** Cuts one direction of a connection into messages. */
class Messages {
  #hasStarted: boolean;
  #rest = Buffer.alloc(0);

  /** @param isClient whose first message, the startup, has no letter. */
  constructor(isClient: boolean) {
    this.#hasStarted = !isClient;
  }

  read(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const letter = this.#hasStarted ? 1 : 0;
      if (this.#rest.length < letter + 4) return messages;
      const length = letter + this.#rest.readInt32BE(letter);
      if (this.#rest.length < length) return messages;
      if (this.#hasStarted) messages.push(this.#rest.subarray(0, length));
      this.#hasStarted = true;
      this.#rest = this.#rest.subarray(length);
    }
  }
}
