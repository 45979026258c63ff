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
  /** Lets so many more messages pass in one direction, and then ends the connection: the server reads what has passed. */
  cutAfter(direction: ">" | "<", messages: number): void;
  /** The last line so far. */
  readonly last: string;
  close(): void;
}

export async function startRecordingProxy(target: { host: string; port: number }): Promise<RecordingProxy> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let limit: { direction: ">" | "<"; left: number } | undefined;
  const note = (direction: ">" | "<", words: readonly string[]) => {
    if (words.length === 0) return;
    const last = lines.at(-1);
    if (last?.startsWith(direction)) lines[lines.length - 1] = `${last} ${words.join(" ")}`;
    else lines.push(`${direction} ${words.join(" ")}`);
  };
  const within = (direction: ">" | "<", messages: readonly Buffer[]): readonly Buffer[] => {
    if (limit?.direction !== direction) return messages;
    const passing = messages.slice(0, limit.left);
    limit.left -= passing.length;
    if (passing.length < messages.length) limit = undefined;
    return passing;
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ ...target, noDelay: true });
    const asked = new Reader(FROM_CLIENT);
    const answered = new Reader(FROM_SERVER);
    let isSignedIn = false;
    client.on("data", (bytes: Buffer) => {
      const messages = asked.read(bytes);
      const passing = within(">", messages);
      if (isSignedIn) note(">", passing.map(asked.word));
      for (const message of passing) server.write(message);
      if (passing.length < messages.length) server.end();
    });
    server.on("data", (bytes: Buffer) => {
      const messages = answered.read(bytes);
      const passing = within("<", messages);
      const words = passing.map(answered.word);
      if (isSignedIn) note("<", words);
      isSignedIn ||= words.some((word) => word.startsWith("Ready"));
      client.write(Buffer.concat(passing));
      if (passing.length < messages.length) client.end(() => server.destroy());
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
    cutAfter(direction, messages) {
      limit = { direction, left: messages };
    },
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

  read(bytes: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const isStartup = this.#rest.length >= 8 && this.#rest.readInt32BE(4) === STARTUP;
      const letterLength = isStartup ? 0 : 1;
      if (this.#rest.length < letterLength + 4) return messages;
      const length = letterLength + this.#rest.readInt32BE(letterLength);
      if (this.#rest.length < length) return messages;
      messages.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
  }

  /** What a message is called. */
  readonly word = (message: Buffer): string => {
    const letter = String.fromCharCode(message[0] ?? 0);
    const name = this.#names[letter] ?? letter;
    if (name === "Ready") return `Ready(${String.fromCharCode(message[5] ?? 0)})`;
    if (name === "Query") return `Query(${message.toString("utf8", 5, message.length - 1)})`;
    if (name === "CommandComplete") return `Complete(${message.toString("utf8", 5, message.length - 1)})`;
    // Whether by a name: its first byte ends it at once otherwise.
    if (name === "Parse") return message[5] === 0 ? "Parse" : "Parse(named)";
    if (name === "Bind") return message[6] === 0 ? "Bind" : "Bind(named)";
    return name;
  };
}
