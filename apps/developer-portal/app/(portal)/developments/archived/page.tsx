import { listArchivedDevelopments } from "@openhouse/db/queries/developments";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { DEVELOPMENT_COLUMNS } from "../../../../components/development-columns.tsx";
import { ANY_STAFF } from "../../../../lib/staff.ts";

export const metadata: Metadata = { title: "Archived developments" };

export default guardPage("/developments/archived", async function ArchivedDevelopments() {
  const [, developments] = await requireRoleWith(ANY_STAFF, (db) => [listArchivedDevelopments(db)]);
  return (
    <div className="space-y-8">
      <PageHeader
        title="Archived developments"
        description="Out of the lists, with all that belongs to them. Open one to bring it back."
        back={{ href: "/", label: "Developments" }}
      />
      {developments.length === 0 ? (
        <EmptyState title="The archive is empty">
          A development is archived on its page, under Edit.
        </EmptyState>
      ) : (
        <DataTable
          caption="Archived developments, by name"
          columns={DEVELOPMENT_COLUMNS}
          rows={developments}
          rowKey={({ id }) => id}
        />
      )}
    </div>
  );
});
