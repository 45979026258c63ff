import { connect, createServer, type Socket } from "node:net";

/** What a pooler does with whatever a client says once it is signed in. */
type Behaviour = { readonly says: string } | "silent" | "well";

/** A proxy in front of a server that signs everybody in, and behaves then as a pooler whose server is away. */
export interface PoolerProxy {
  readonly port: number;
  /** Clients that were signed in. */
  readonly signIns: number;
  /** Ends each client that says something with FATAL 08P01 and this text; none of it reaches the server. @param times @default without end */
  end(text: string, times?: number): void;
  /** Takes what clients say, and does nothing. */
  fallSilent(): void;
  /** Lets everything pass again. */
  recover(): void;
  close(): void;
}

export async function startPoolerProxy(target: { host: string; port: number }): Promise<PoolerProxy> {
  const sockets = new Set<Socket>();
  let behaviour: Behaviour = "well";
  let left = Number.POSITIVE_INFINITY;
  let signIns = 0;
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ ...target, noDelay: true });
    let isSignedIn = false;
    client.on("data", (bytes: Buffer) => {
      const isGoodbye = bytes[0] === "X".charCodeAt(0);
      if (!isSignedIn || isGoodbye || behaviour === "well") server.write(bytes);
      else if (behaviour !== "silent") {
        client.end(fatal(behaviour.says));
        if (--left <= 0) behaviour = "well";
      }
    });
    server.on("data", (bytes: Buffer) => {
      if (!isSignedIn && bytes.subarray(-6, -1).equals(READY)) {
        isSignedIn = true;
        signIns++;
      }
      client.write(bytes);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.end();
        server.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get signIns() {
      return signIns;
    },
    end(text, times = Number.POSITIVE_INFINITY) {
      behaviour = { says: text };
      left = times;
    },
    fallSilent() {
      behaviour = "silent";
    },
    recover() {
      behaviour = "well";
    },
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** ReadyForQuery, without the status behind it. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);

/** An ErrorResponse as PgBouncer writes it: S, C and M. */
function fatal(text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${text}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
