import type { Goal, Work } from "../compare/work.ts";

const PORTALS = ["tenant-portal", "developer-portal"] as const;
/** What is advised for production. */
const MIN = 5;

export const coldStart: Work = {
  id: "13",
  title: "cold start of a built portal",
  method: `\`next start\` of each portal, built before by \`npm run build\`; its database is migrated. From the start of the process until \`/api/health/db\` answers that the database answered, and until the pool has its ${MIN} connections (DB_POOL_MIN). Files are in the operating system's cache after the first round.`,
  better: "less",
  columns: [
    { key: "answerMs", title: "first answer from the database, ms" },
    { key: "warmMs", title: "min warm, ms" },
  ],
  entries: PORTALS.map((title) => ({ title })),
  baseline: PORTALS[0],
  mostRounds: 3,
  async measureHere({ title }, { superuserUrl }) {
    // Not before it is needed: the processes that measure the other works load this file too.
    const { startPortal } = await import("../compare/cold-start.ts");
    return startPortal(title, MIN, superuserUrl);
  },
  goals: PORTALS.map(
    (portal): Goal => ({
      what: `${portal} until its first answer from the database`,
      wanted: 2_000,
      better: "less",
      digits: 0,
      unit: " ms",
      of: (round) => round(portal)?.answerMs,
    }),
  ),
};
