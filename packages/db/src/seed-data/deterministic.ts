import { createHash } from "node:crypto";

const digest = (name: string) => createHash("sha256").update(`openhouse demo/${name}`).digest();

/** The same bytes for the same name, on every machine. Demo data only: anybody can compute them. */
export const seedBytes = (name: string, length: number): Uint8Array => digest(name).subarray(0, length);

/** The same UUID (version 8) for the same name. */
export function seedId(name: string): string {
  const bytes = digest(name).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
