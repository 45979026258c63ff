const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from addresses that anybody can type: what is no UUID names no row, and must not reach Postgres, which throws. */
export const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);

/** No row has it: ids are random, or of a name. */
const NOBODYS = "00000000-0000-0000-0000-000000000000";

/** An id that Postgres takes, and that names no row where it is no UUID: for a query that may be one of a batch. */
export const asUuid = (value: string): string => (isUuid(value) ? value : NOBODYS);
