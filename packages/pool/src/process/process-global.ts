import { sharedSymbol } from "../errors/shared-symbol.ts";

/**
 * The process's one value of this name, made at the first call.
 * On `globalThis` in every NODE_ENV: hot reload evaluates modules anew, and Next.js bundles one module into several
 * graphs (instrumentation, route handlers, pages) that share nothing else.
 */
export function processGlobal<T>(name: string, create: () => T): T {
  const key = sharedSymbol(name);
  const existing: unknown = Reflect.get(globalThis, key);
  // The name fixes the type: each is created in one place.
  if (existing !== undefined) return existing as T;
  const value = create();
  Reflect.set(globalThis, key, value);
  return value;
}
