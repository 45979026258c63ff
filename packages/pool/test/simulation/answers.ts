/** What a server answers, in bytes. */

function message(tag: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(5);
  head.write(tag, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export type TransactionStatus = "I" | "T" | "E";

const TEXT_OID = 25;

export const AUTHENTICATION_OK = message("R", int32(0));
export const PARSE_COMPLETE = message("1");
export const BIND_COMPLETE = message("2");
export const CLOSE_COMPLETE = message("3");
export const NO_DATA = message("n");
export const EMPTY_QUERY = message("I");
export const PARAMETER_STATUS = message("S", "server_version", "18.0");
export const READY = {
  I: message("Z", Buffer.from("I")),
  T: message("Z", Buffer.from("T")),
  E: message("Z", Buffer.from("E")),
} satisfies Record<TransactionStatus, Buffer>;

const remembered = new Map<string, Buffer>();

function remember(key: string, make: () => Buffer): Buffer {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const made = make();
  remembered.set(key, made);
  return made;
}

export function backendKeyData(pid: number, secret: number): Buffer {
  return message("K", int32(pid), int32(secret));
}

export function commandComplete(tag: string): Buffer {
  return remember(`C ${tag}`, () => message("C", tag));
}

/** Columns of texts. */
export function rowDescription(names: readonly string[]): Buffer {
  return remember(`T ${names.join()}`, () => {
    const columns = names.flatMap((name) => [
      name,
      int32(0),
      int16(0),
      int32(TEXT_OID),
      int16(-1),
      int32(-1),
      int16(0),
    ]);
    return message("T", int16(names.length), ...columns);
  });
}

export function dataRow(values: readonly (string | null)[]): Buffer {
  const cells = values.flatMap((value) => {
    if (value === null) return [int32(-1)];
    const bytes = Buffer.from(value);
    return [int32(bytes.length), bytes];
  });
  return message("D", int16(values.length), ...cells);
}

export type Severity = "ERROR" | "FATAL";

/** How a server with German messages says it. */
const GERMAN: Record<Severity, string> = { ERROR: "FEHLER", FATAL: "FATAL" };

export interface ErrorFields {
  readonly severity: Severity;
  readonly code: string;
  readonly text: string;
  readonly routine?: string;
  readonly isGerman: boolean;
}

export function errorResponse({ severity, code, text, routine = "errstart", isGerman }: ErrorFields): Buffer {
  const fields = { S: isGerman ? GERMAN[severity] : severity, V: severity, C: code, M: text, R: routine };
  return message("E", ...Object.entries(fields).map(([name, value]) => name + value), Buffer.from([0]));
}
