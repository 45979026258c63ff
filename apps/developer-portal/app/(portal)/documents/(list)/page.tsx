import { listDevelopments } from "@openhouse/db/queries/developments";
import { DOCUMENT_SORTS, type DocumentListing, findDocuments } from "@openhouse/db/queries/documents";
import { formatBytes, formatDay } from "@openhouse/web/format";
import { listHref, readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { Card } from "@openhouse/web/ui/card";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { ListSearch } from "@openhouse/web/ui/list-search";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import type { Metadata } from "next";
import Link from "next/link";
import { ANY_STAFF } from "../../../../lib/staff.ts";
import { fileKindName } from "../../../../lib/words.ts";
import { LookAgain } from "./look-again.tsx";
import { UploadForm } from "./upload-form.tsx";

export const metadata: Metadata = { title: "Documents" };

type Listed = Omit<DocumentListing, "chunkCount">;

const PATH = "/documents";
const PAGE_SIZE = 50;

const COLUMNS: [Column<Listed>, ...Column<Listed>[]] = [
  { header: "Title", sort: "title", cell: (document) => <Title {...document} /> },
  { header: "Development", sort: "development", cell: ({ developmentName }) => developmentName },
  { header: "Size", sort: "size", align: "end", cell: ({ byteSize }) => formatBytes(byteSize) },
  { header: "Uploaded", sort: "uploaded", cell: (document) => <Uploaded {...document} /> },
];

export default guardPage(
  "/documents",
  async function Documents({ searchParams }: { searchParams: Promise<SearchParams> }) {
    const asked = readListQuery(await searchParams, DOCUMENT_SORTS, true);
    const { text, sort, descending, page } = asked;
    const [{ staff }, { total, documents }, developments] = await requireRoleWith(ANY_STAFF, (db) => [
      findDocuments(db, { text, sort, descending, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }),
      listDevelopments(db),
    ]);
    const awaited = documents.find(({ indexedAt, indexingFails }) => indexedAt === null && !indexingFails);
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
          {total === 0 && text === "" && page === 1 ? (
            <EmptyState title="No documents yet">
              Manuals, guarantees, how the heating works: what is uploaded here, homeowners find in their
              portal.
            </EmptyState>
          ) : (
            <div className="space-y-4">
              <ListSearch
                path={PATH}
                label="Search the list"
                text={text}
                kept={sort === "uploaded" && descending ? {} : { sort: descending ? `-${sort}` : sort }}
              />
              {documents.length === 0 ? (
                <EmptyState title={page === 1 ? "No document is like that" : "There is no such page"}>
                  <Link href={PATH} className="font-medium text-accent underline">
                    See all documents
                  </Link>
                </EmptyState>
              ) : (
                <DataTable
                  caption="Documents"
                  columns={COLUMNS}
                  rows={documents}
                  rowKey={({ id }) => id}
                  sorting={{
                    by: sort,
                    descending,
                    href: (by, down) => listHref(PATH, { text, sort: by, descending: down }),
                  }}
                />
              )}
              <PagesNav
                page={page}
                pages={Math.ceil(total / PAGE_SIZE)}
                href={(each) => listHref(PATH, { ...asked, page: each })}
              />
              {staff.role === "developer" && (
                <p className="text-sm">
                  <Link
                    href="/documents/deleted"
                    prefetch={false}
                    className="font-medium text-accent underline"
                  >
                    Deleted documents
                  </Link>
                </p>
              )}
            </div>
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
              Your account can read documents. Colleagues with the role Editor upload them.
            </p>
          )}
        </div>
      </div>
    );
  },
);

function Title({ id, title, fileName, indexedAt, indexingFails }: Listed) {
  return (
    <>
      <Link href={`/documents/${id}`} className="font-semibold text-accent hover:underline">
        {title}
      </Link>
      <span className="block text-xs font-normal break-all text-muted">
        {fileName} · {fileKindName(fileName)}
      </span>
      {indexingFails ? (
        <>
          <Badge tone="critical">Search cannot find it</Badge>
          <span className="block text-xs font-normal text-muted">
            It can be read, but its text was not indexed. Replace it, or ask whoever runs the portal.
          </span>
        </>
      ) : (
        indexedAt === null && <Badge tone="caution">Indexing…</Badge>
      )}
    </>
  );
}

function Uploaded({ createdAt, uploadedByName }: Listed) {
  return (
    <>
      <time dateTime={createdAt.toISOString()} className="whitespace-nowrap">
        {formatDay(createdAt)}
      </time>
      {uploadedByName !== null && <span className="block text-xs text-muted">{uploadedByName}</span>}
    </>
  );
}
