import { findHome } from "@openhouse/db/queries/homeowners";
import { readDocumentPage, readPlace } from "@openhouse/web/document-page";
import { formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { readAsTenant } from "@openhouse/web/read-position";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { DocumentText } from "@openhouse/web/ui/document-text";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { cache } from "react";
import NotFound from "../../not-found.tsx";

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
  return document !== null && document.developmentId === home?.development.id ? document : null;
});

const load = async ({ params, searchParams }: DocumentProps) =>
  loadPage((await params).id, JSON.stringify(readPlace(await searchParams)));

export const generateMetadata = guardMetadata(
  async (props: DocumentProps): Promise<Metadata> => {
    const document = await load(props);
    return { title: document?.title ?? "Document not found" };
  },
  { title: "Document" },
);

export default guardPage("/documents/[id]", async function DocumentPage(props: DocumentProps) {
  const document = await load(props);
  if (document === null) return notThere(NotFound);
  const { title, developmentName, createdAt } = document;
  return (
    <article className="mx-auto max-w-3xl space-y-6">
      <PageHeader
        title={title}
        description={`${developmentName}, ${formatDay(createdAt)}`}
        back={{ href: "/", label: "Your home" }}
      />
      <Card>
        <DocumentText document={document} />
      </Card>
    </article>
  );
});
