/** Copies of one major version share what they keep for the process; what another one keeps may have another shape. */
export const MAJOR_VERSION = 0;

/** A name that every copy of this package in the process knows: bundlers and hot reload make several. */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`@openhouse/pool@${MAJOR_VERSION}/${name}`);
}
