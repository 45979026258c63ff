import { forTenant } from "@openhouse/db/client";
import { findSuccessor } from "@openhouse/db/queries/documents";
import { readDocumentPage, readPlace } from "@openhouse/web/document-page";
import { formatBytes, formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { readAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { ButtonLink } from "@openhouse/web/ui/button";
import { Card } from "@openhouse/web/ui/card";
import { DocumentText } from "@openhouse/web/ui/document-text";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { ReplacedNotice, successorHref } from "@openhouse/web/ui/replaced-notice";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { cache } from "react";
import { ANY_STAFF } from "../../../../lib/staff.ts";
import { textOnlyNote } from "../../../../lib/words.ts";
import NotFound from "../../not-found.tsx";

interface DocumentProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

// Title and page ask for the same document; one statement answers both.
const loadPage = cache(async (id: string, place: string) => {
  const { tenantId, staff } = await requireRole(ANY_STAFF);
  const document = await readDocumentPage(await readAsTenant(tenantId), id, JSON.parse(place));
  const successor = document === null ? await findSuccessor(forTenant(tenantId), id) : null;
  return { document, successor, staff };
});

const load = async ({ params, searchParams }: DocumentProps) =>
  loadPage((await params).id, JSON.stringify(readPlace(await searchParams)));

export const generateMetadata = guardMetadata(
  async (props: DocumentProps): Promise<Metadata> => {
    const { document } = await load(props);
    return { title: document?.title ?? "Document not found" };
  },
  { title: "Document" },
);

export default guardPage("/documents/[id]", async function DocumentPage(props: DocumentProps) {
  const { document, successor, staff } = await load(props);
  if (successor !== null) redirect(successorHref(successor.id));
  if (document === null) return notThere(NotFound);
  const { id, title, developmentName, fileName, byteSize, createdAt } = document;
  const note = textOnlyNote(fileName);
  return (
    <article className="max-w-3xl space-y-6">
      <PageHeader
        title={title}
        description={`${developmentName} · ${fileName}, ${formatBytes(byteSize)}, ${formatDay(createdAt)}`}
        back={{ href: "/documents", label: "Documents" }}
        actions={
          staff.role === "developer" && (
            <ButtonLink look="secondary" href={`/documents/${id}/edit`} prefetch={false}>
              Edit
            </ButtonLink>
          )
        }
      />
      <ReplacedNotice query={await props.searchParams} />
      {note !== null && <p className="text-sm text-muted">{note}</p>}
      <Card>
        <DocumentText document={document} />
      </Card>
    </article>
  );
});
