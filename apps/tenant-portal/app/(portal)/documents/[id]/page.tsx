import { forTenant } from "@openhouse/db/client";
import { findSuccessor } from "@openhouse/db/queries/documents";
import { findHome } from "@openhouse/db/queries/homeowners";
import { readDocumentPage, readPlace } from "@openhouse/web/document-page";
import { formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { readAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { DocumentText } from "@openhouse/web/ui/document-text";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { ReplacedNotice, successorHref } from "@openhouse/web/ui/replaced-notice";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { cache } from "react";
import NotFound from "../../not-found.tsx";

/** Of a PDF or a Word file staff's portal keeps the text alone. */
const isTextOfFile = (fileName: string): boolean => /\.(?:pdf|docx)$/i.test(fileName);

interface DocumentProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** A document of the homeowner's own development; row-level security only keeps other companies' away. */
const loadPage = cache(async (id: string, place: string) => {
  const { tenantId, homeowner } = await requireRole(["homeowner"]);
  const db = await readAsTenant(tenantId);
  const [document, home] = await Promise.all([
    readDocumentPage(db, id, JSON.parse(place)),
    findHome(db, homeowner.id),
  ]);
  const ofHome = <T extends { developmentId: string }>(found: T | null): T | null =>
    found?.developmentId === home?.development.id ? found : null;
  const successor = document === null ? await findSuccessor(forTenant(tenantId), id) : null;
  return { document: ofHome(document), successor: ofHome(successor) };
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
  const { document, successor } = await load(props);
  if (successor !== null) redirect(successorHref(successor.id));
  if (document === null) return notThere(NotFound);
  const { title, developmentName, fileName, createdAt } = document;
  return (
    <article className="mx-auto max-w-3xl space-y-6">
      <PageHeader
        title={title}
        description={`${developmentName}, ${formatDay(createdAt)}`}
        back={{ href: "/", label: "Your home" }}
      />
      <ReplacedNotice query={await props.searchParams} />
      {isTextOfFile(fileName) && (
        <p className="text-sm text-muted">This is the text of a file, without its pictures.</p>
      )}
      <Card>
        <DocumentText document={document} />
      </Card>
    </article>
  );
});
