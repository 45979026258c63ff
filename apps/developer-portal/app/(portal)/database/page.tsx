import { databaseFigures } from "@openhouse/web/database-figures";
import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { DatabaseMonitor } from "./database-monitor.tsx";

export const metadata: Metadata = { title: "Database" };

export default guardPage("/database", async function DatabasePage() {
  await requireRole(ANY_STAFF);
  const first = { ...(await databaseFigures()), atMs: Date.now() };
  return (
    <div className="space-y-8">
      <PageHeader
        title="Database"
        description="How this portal’s connections to its database are doing, second by second."
      />
      <DatabaseMonitor first={first} />
    </div>
  );
});
