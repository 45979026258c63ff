import type { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import type { FileFault } from "./file-fault.ts";

/** Of all that a file holds together, in bytes. */
export const MOST_UNPACKED = 40_000_000;
const MOST_ENTRIES = 2_000;

const END = { signature: 0x06054b50, bytes: 22 };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const STORED = 0;
const DEFLATED = 8;

/**
 * What is wrong with a ZIP file, such as a Word file is; null where nothing is. Each entry is unpacked as far as the bound: what
 * a file says of its sizes is not asked. Of the forms that a ZIP may have, only the plain one passes, so that whoever reads it
 * next finds the same entries.
 */
export function zipFault(file: Buffer, mostBytes = MOST_UNPACKED): FileFault | null {
  try {
    return unpack(file, mostBytes);
  } catch {
    return { fault: "unreadable" }; // it ends before it should, or is packed in another way
  }
}

function unpack(file: Buffer, mostBytes: number): FileFault | null {
  const end = file.lastIndexOf(signatureOf(END));
  if (end === -1) return { fault: "unreadable" };
  const entries = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  if (at + file.readUInt32LE(end + 12) !== end || entries > MOST_ENTRIES) return { fault: "unreadable" };
  let left = mostBytes;
  for (let entry = 0; entry < entries; entry++) {
    if (file.readUInt32LE(at) !== ENTRY.signature) return { fault: "unreadable" };
    if (file.readUInt16LE(at + 8) & 1) return { fault: "encrypted" };
    const size = unpackedSize(file, at, left);
    if (size === null) return { fault: "unreadable" };
    left -= size;
    if (left < 0) return { fault: "unpacked" };
    at += ENTRY.bytes + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return at === end ? null : { fault: "unreadable" };
}

/** More than `most` where it is more. @throws where its data is no such. */
function unpackedSize(file: Buffer, entry: number, most: number): number | null {
  const packed = file.readUInt32LE(entry + 20);
  const local = file.readUInt32LE(entry + 42);
  if (file.readUInt32LE(local) !== LOCAL.signature) return null;
  const start = local + LOCAL.bytes + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const data = file.subarray(start, start + packed);
  if (data.length !== packed) return null;
  const method = file.readUInt16LE(entry + 10);
  if (method === STORED) return packed;
  if (method !== DEFLATED) return null;
  if (packed === 0) return 0;
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(most, 1) }).length;
  } catch (error) {
    if (error instanceof RangeError) return most + 1; // ERR_BUFFER_TOO_LARGE
    throw error;
  }
}

function signatureOf({ signature }: { signature: number }): string {
  return String.fromCharCode(...[0, 8, 16, 24].map((shift) => (signature >> shift) & 0xff));
}
