import type { BlockList } from "node:net";

const net = () => process.getBuiltinModule("node:net");

/** The version of the address, 4 or 6; 0 where it is none. */
export function isIP(text: string): number {
  return net().isIP(text);
}

export function isIPv6(text: string): boolean {
  return net().isIPv6(text);
}

/** An empty list of networks. */
export function addressList(): BlockList {
  return new (net().BlockList)();
}
