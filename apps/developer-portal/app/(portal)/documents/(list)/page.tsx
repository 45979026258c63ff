import { listDevelopments } from "@openhouse/db/queries/developments";
import { type DocumentListing, listDocuments } from "@openhouse/db/queries/documents";
import { formatBytes, formatDay } from "@openhouse/web/format";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { Card } from "@openhouse/web/ui/card";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import Link from "next/link";
import { ANY_STAFF } from "../../../../lib/staff.ts";
import { MEDIA_TYPE_NAMES } from "../../../../lib/words.ts";
import { LookAgain } from "./look-again.tsx";
import { UploadForm } from "./upload-form.tsx";

export const metadata: Metadata = { title: "Documents" };

const COLUMNS: [Column<DocumentListing>, ...Column<DocumentListing>[]] = [
  { header: "Title", cell: (document) => <Title {...document} /> },
  { header: "Development", cell: ({ developmentName }) => developmentName },
  { header: "Size", align: "end", cell: ({ byteSize }) => formatBytes(byteSize) },
  { header: "Uploaded", cell: (document) => <Uploaded {...document} /> },
];

export default guardPage("/documents", async function Documents() {
  const [{ staff }, documents, developments] = await requireRoleWith(ANY_STAFF, (db) => [
    listDocuments(db),
    listDevelopments(db),
  ]);
  const awaited = documents.find(({ indexedAt }) => indexedAt === null);
  const mayUpload = staff.role === "developer" && developments.length > 0;
  return (
    <div className="space-y-8">
      {/* Another one to wait for is another minute to look for it. */}
      {awaited !== undefined && <LookAgain key={awaited.id} />}
      <PageHeader
        title="Documents"
        description="What homeowners can read about their homes."
        actions={
          mayUpload && (
            <a href="#upload" className="py-2 text-sm font-semibold text-accent hover:underline lg:hidden">
              Upload a document
            </a>
          )
        }
      />
      <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
        {documents.length === 0 ? (
          <EmptyState title="No documents yet">
            Manuals, guarantees, how the heating works: what is uploaded here, homeowners find in their
            portal.
          </EmptyState>
        ) : (
          <DataTable
            caption="Documents, newest first"
            columns={COLUMNS}
            rows={documents}
            rowKey={({ id }) => id}
          />
        )}
        {mayUpload && (
          <section id="upload" aria-labelledby="upload-title">
            <Card className="space-y-5">
              <h2 id="upload-title" className="text-lg font-semibold tracking-tight">
                Upload a document
              </h2>
              <UploadForm developments={developments.map(({ id, name }) => ({ id, name }))} />
            </Card>
          </section>
        )}
        {staff.role === "viewer" && (
          <p className="text-sm text-muted">
            Your account can read documents. Colleagues with the role Developer upload them.
          </p>
        )}
      </div>
    </div>
  );
});

function Title({ id, title, fileName, mediaType, indexedAt }: DocumentListing) {
  return (
    <>
      <Link href={`/documents/${id}`} className="font-semibold text-accent hover:underline">
        {title}
      </Link>
      <span className="block text-xs font-normal break-all text-muted">
        {fileName} · {MEDIA_TYPE_NAMES[mediaType]}
      </span>
      {indexedAt === null && <Badge tone="caution">Indexing…</Badge>}
    </>
  );
}

function Uploaded({ createdAt, uploadedByName }: DocumentListing) {
  return (
    <>
      <time dateTime={createdAt.toISOString()} className="whitespace-nowrap">
        {formatDay(createdAt)}
      </time>
      {uploadedByName !== null && <span className="block text-xs text-muted">{uploadedByName}</span>}
    </>
  );
}
