import { isUuid } from "@openhouse/db/uuid";

/** The ids that an event should carry, or null where it does not: an event is a message from outside. */
export function idsOf<Name extends string>(data: unknown, ...names: Name[]): Record<Name, string> | null {
  const ids: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const id: unknown = typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;
    if (!isUuid(id)) return null;
    ids[name] = id;
  }
  return ids as Record<Name, string>; // each name has been filled in
}
