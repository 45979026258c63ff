import { type DeletedDocument, listDeletedDocuments } from "@openhouse/db/queries/document-changes";
import { formatDay } from "@openhouse/web/format";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { RecordForm } from "../../../../components/record-form.tsx";
import { bringDocumentBack } from "../[id]/edit/actions.ts";

export const metadata: Metadata = { title: "Deleted documents" };

const COLUMNS: [Column<DeletedDocument>, ...Column<DeletedDocument>[]] = [
  {
    header: "Title",
    cell: ({ title, fileName }) => (
      <>
        {title}
        <span className="block text-xs font-normal break-all text-muted">{fileName}</span>
      </>
    ),
  },
  { header: "Development", cell: ({ developmentName }) => developmentName },
  {
    header: "Deleted",
    cell: ({ deletedAt }) => <span className="whitespace-nowrap">{formatDay(deletedAt)}</span>,
  },
  {
    header: "Undo",
    cell: ({ id, title }) => (
      <RecordForm
        action={bringDocumentBack}
        hidden={{ document: id }}
        fields={[]}
        submit={{
          label: "Bring it back",
          name: `Bring back ${title}`,
          pending: "Bringing it back…",
          look: "secondary",
        }}
      />
    ),
  },
];

export default guardPage("/documents/deleted", async function DeletedDocuments() {
  const [, documents] = await requireRoleWith(["developer"], (db) => [listDeletedDocuments(db)]);
  return (
    <div className="space-y-8">
      <PageHeader
        title="Deleted documents"
        description="Each can be brought back for 30 days; then it is gone for good."
        back={{ href: "/documents", label: "Documents" }}
      />
      {documents.length === 0 ? (
        <EmptyState title="Nothing was deleted">
          What is deleted in the last 30 days is listed here.
        </EmptyState>
      ) : (
        <DataTable
          caption="Deleted documents, the latest first"
          columns={COLUMNS}
          rows={documents}
          rowKey={({ id }) => id}
        />
      )}
    </div>
  );
});
