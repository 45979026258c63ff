/** How many rows of each kind the server holds, and which of them the n-th operation is about. */
export const HOMES = 10_000;
export const RESIDENTS_PER_HOME = 3;
export const TENANTS = 50;
export const NOTES_PER_TENANT = 200;
/** Homes that the relational query reads. */
export const PAGE = 10;

/** Rows that one caller inserts in (17). */
export const INSERTED = 1_000;

export function homeOf(n: number): number {
  return 1 + (n % HOMES);
}

/** The first home of a page that lies within the table. */
export function pageOf(n: number): number {
  return 1 + (n % (HOMES - PAGE));
}

export function tenantOf(n: number): string {
  return `00000000-0000-4000-8000-${String(1 + (n % TENANTS)).padStart(12, "0")}`;
}

export function noteOf(n: number): number {
  return 1 + (Math.floor(n / TENANTS) % NOTES_PER_TENANT);
}
