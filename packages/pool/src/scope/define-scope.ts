import { PoolConfigError, ScopeError } from "../errors/errors.ts";
import type { TransactionSettings } from "../query/local-settings.ts";
import { encodeSetting, type SettingType, type SettingValue } from "./setting-types.ts";

/** The settings of a scope by name, such as `{ "app.tenant_id": "uuid", role: ["authenticated"] }`. */
export type ScopeDefinition = Readonly<Record<string, SettingType>>;

/** What is to be given for each setting. */
export type ScopeValues<D extends ScopeDefinition> = { readonly [Name in keyof D]: SettingValue<D[Name]> };

/** A setting of one's own has two parts or more (https://www.postgresql.org/docs/current/runtime-config-custom.html). */
const OWN_SETTING = /^[a-z_][\w$]*(\.[a-z_][\w$]*)+$/i;
/** Settings of the server's that may end with a transaction and belong to a tenant. */
const SERVER_SETTINGS = ["role", "search_path", "TimeZone", "statement_timeout", "lock_timeout"];

/**
 * Says which settings make a scope, and what each of them holds. The function that it returns turns one tenant's values into what
 * {@link scoped}, and Drizzle's `scoped()`, take:
 *
 * ```ts
 * const tenant = defineScope({ "app.org_id": "bigint", role: ["authenticated"], "request.jwt.claims": "json" });
 * scoped(pool, tenant({ "app.org_id": 7n, role: "authenticated", "request.jwt.claims": { sub: userId } }));
 * ```
 *
 * Every setting is required: one that is missing would leave its policies without an answer. The function throws
 * {@link ScopeError} where a value is missing, unknown or none of its type, before a connection is taken; no value is in the message.
 *
 * @throws {PoolConfigError} listing every fault of the definition.
 */
export function defineScope<const D extends ScopeDefinition>(
  definition: D,
): (values: ScopeValues<D>) => TransactionSettings {
  const types = Object.entries(definition);
  const faults = definitionFaults(types);
  if (faults.length > 0) throw new PoolConfigError(faults);
  return (values) => {
    for (const name of Object.keys(values))
      if (!Object.hasOwn(definition, name)) throw new ScopeError(`the scope has no setting ${name}`);
    return Object.freeze(
      Object.fromEntries(types.map(([name, type]) => [name, encodeSetting(name, type, values[name])])),
    );
  };
}

function definitionFaults(types: readonly (readonly [name: string, type: SettingType])[]): string[] {
  if (types.length === 0) return ["a scope must have at least one setting, such as app.tenant_id"];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [name, type] of types) {
    const key = name.toLowerCase(); // as the server compares them
    if (seen.has(key)) faults.push(`${name} is there twice, as letter case does not count`);
    seen.add(key);
    if (!OWN_SETTING.test(name) && !SERVER_SETTINGS.some((each) => each.toLowerCase() === key))
      faults.push(
        `${name} must have two parts, as app.tenant_id has, or be one of ${SERVER_SETTINGS.join(", ")}`,
      );
    if (key === "role") faults.push(...roleFaults(name, type));
    else if (typeof type !== "string" && type.length === 0)
      faults.push(`${name} must have at least one value`);
  }
  return faults;
}

/** Roles are a closed list: a name that comes with a request would be its sender's choice of powers. */
function roleFaults(name: string, type: SettingType): string[] {
  if (typeof type === "string" || type.length === 0)
    return [`${name} must list the roles there are, such as ["authenticated", "anon"]`];
  return type.some((role) => role.toLowerCase() === "none")
    ? [`${name} must not be none, which is the role that the connection signed in as`]
    : [];
}
