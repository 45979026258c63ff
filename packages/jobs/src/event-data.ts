const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids that an event should carry, or null where it does not: an event is a message from outside. */
export function idsOf<Name extends string>(data: unknown, ...names: Name[]): Record<Name, string> | null {
  const ids: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const id: unknown = typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;
    if (typeof id !== "string" || !UUID.test(id)) return null;
    ids[name] = id;
  }
  return ids as Record<Name, string>; // each name has been filled in
}
