const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from addresses that anybody can type: what is no UUID names no row, and must not reach Postgres, which throws. */
export const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);
