import { connect, createServer, type Socket } from "node:net";

const FROM_CLIENT: Readonly<Record<string, string>> = {
  Q: "Query",
  P: "Parse",
  B: "Bind",
  D: "Describe",
  E: "Execute",
  C: "Close",
  S: "Sync",
  H: "Flush",
  f: "CopyFail",
  X: "Terminate",
};
const FROM_SERVER: Readonly<Record<string, string>> = {
  "1": "ParseComplete",
  "2": "BindComplete",
  "3": "CloseComplete",
  C: "CommandComplete",
  D: "DataRow",
  T: "RowDescription",
  n: "NoData",
  I: "EmptyQuery",
  E: "Error",
  N: "Notice",
  G: "CopyIn",
  H: "CopyOut",
  d: "CopyData",
  c: "CopyDone",
  Z: "Ready",
};
/** Length and protocol version, without a letter in front. */
const STARTUP = 196_608;

/** A proxy in front of a server that writes down which messages pass, without TLS. */
export interface RecordingProxy {
  readonly port: number;
  /**
   * What has passed since the last call, one line for each piece of talk: `> ` from the client, `< ` from the server. The
   * number of lines from the client is the number of round trips.
   */
  take(): string[];
  /** The last line so far. */
  readonly last: string;
  close(): void;
}

export async function startRecordingProxy(target: { host: string; port: number }): Promise<RecordingProxy> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const note = (direction: ">" | "<", words: readonly string[]) => {
    if (words.length === 0) return;
    const last = lines.at(-1);
    if (last?.startsWith(direction)) lines[lines.length - 1] = `${last} ${words.join(" ")}`;
    else lines.push(`${direction} ${words.join(" ")}`);
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ ...target, noDelay: true });
    const asked = new Reader(FROM_CLIENT);
    const answered = new Reader(FROM_SERVER);
    let isSignedIn = false;
    client.on("data", (bytes: Buffer) => {
      const words = asked.read(bytes);
      if (isSignedIn) note(">", words);
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      const words = answered.read(bytes);
      if (isSignedIn) note("<", words);
      isSignedIn ||= words.some((word) => word.startsWith("Ready"));
      client.write(bytes);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => [client, server].map((each) => each.destroy()));
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    take: () => lines.splice(0),
    get last() {
      return lines.at(-1) ?? "";
    },
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Cuts one direction of a connection into messages. */
class Reader {
  readonly #names: Readonly<Record<string, string>>;
  #rest = Buffer.alloc(0);

  constructor(names: Readonly<Record<string, string>>) {
    this.#names = names;
  }

  read(bytes: Buffer): string[] {
    const words: string[] = [];
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const isStartup = this.#rest.length >= 8 && this.#rest.readInt32BE(4) === STARTUP;
      const letterLength = isStartup ? 0 : 1;
      if (this.#rest.length < letterLength + 4) return words;
      const length = letterLength + this.#rest.readInt32BE(letterLength);
      if (this.#rest.length < length) return words;
      if (!isStartup) words.push(this.#word(this.#rest.subarray(0, length)));
      this.#rest = this.#rest.subarray(length);
    }
  }

  #word(message: Buffer): string {
    const letter = String.fromCharCode(message[0] ?? 0);
    const name = this.#names[letter] ?? letter;
    if (name === "Ready") return `Ready(${String.fromCharCode(message[5] ?? 0)})`;
    if (name === "Query") return `Query(${message.toString("utf8", 5, message.length - 1)})`;
    if (name === "CommandComplete") return `Complete(${message.toString("utf8", 5, message.length - 1)})`;
    // Whether by a name: its first byte ends it at once otherwise.
    if (name === "Parse") return message[5] === 0 ? "Parse" : "Parse(named)";
    if (name === "Bind") return message[6] === 0 ? "Bind" : "Bind(named)";
    return name;
  }
}
