/** What a client sends, as far as the simulated server heeds it. */
export type Message =
  | { readonly tag: "startup" }
  | { readonly tag: "cancel"; readonly pid: number; readonly secret: number }
  | { readonly tag: "query"; readonly text: string }
  | { readonly tag: "parse"; readonly name: string; readonly text: string }
  | { readonly tag: "bind"; readonly name: string; readonly values: readonly (string | null)[] }
  | { readonly tag: "describe" | "execute" | "sync" | "flush" | "terminate" }
  | { readonly tag: "close"; readonly name: string };

const CANCEL_REQUEST = 80_877_102;

/** The first message of a connection, which has no tag. */
export function readFirst(bytes: Buffer): Message {
  if (bytes.readInt32BE(4) !== CANCEL_REQUEST) return { tag: "startup" };
  return { tag: "cancel", pid: bytes.readInt32BE(8), secret: bytes.readInt32BE(12) };
}

/** Whole messages, as pg writes them. */
export function readMessages(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = bytes.readInt32BE(offset + 1);
    messages.push(
      read(String.fromCharCode(bytes[offset] ?? 0), bytes.subarray(offset + 5, offset + 1 + length)),
    );
    offset += 1 + length;
  }
  return messages;
}

function read(tag: string, body: Buffer): Message {
  switch (tag) {
    case "Q":
      return { tag: "query", text: stringAt(body, 0) };
    case "P": {
      const name = stringAt(body, 0);
      return { tag: "parse", name, text: stringAt(body, Buffer.byteLength(name) + 1) };
    }
    case "B":
      return readBind(body);
    case "D":
      return { tag: "describe" };
    case "E":
      return { tag: "execute" };
    case "S":
      return { tag: "sync" };
    case "H":
      return { tag: "flush" };
    case "X":
      return { tag: "terminate" };
    case "C":
      return { tag: "close", name: stringAt(body, 1) };
    default:
      throw new Error(`the simulated server knows no message ${tag}`);
  }
}

function readBind(body: Buffer): Message {
  const portal = stringAt(body, 0);
  const name = stringAt(body, portal.length + 1);
  let offset = portal.length + name.length + 2;
  offset += 2 + 2 * body.readInt16BE(offset); // formats
  const count = body.readInt16BE(offset);
  offset += 2;
  const values: (string | null)[] = [];
  for (let index = 0; index < count; index++) {
    const length = body.readInt32BE(offset);
    offset += 4;
    values.push(length < 0 ? null : body.toString("utf8", offset, offset + length));
    offset += Math.max(0, length);
  }
  return { tag: "bind", name, values };
}

function stringAt(body: Buffer, offset: number): string {
  return body.toString("utf8", offset, body.indexOf(0, offset));
}
