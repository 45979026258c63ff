import { forTenant } from "@openhouse/db/client";
import { findDocument } from "@openhouse/db/queries/documents";
import { findHome } from "@openhouse/db/queries/homeowners";
import { formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { Markdown, PlainText } from "@openhouse/web/ui/markdown";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";

interface DocumentProps {
  params: Promise<{ id: string }>;
}

/** A document of the homeowner's own development; row-level security only keeps other companies' away. */
const loadDocument = cache(async (id: string) => {
  const { tenantId, homeowner } = await requireRole(["homeowner"]);
  const db = forTenant(tenantId);
  const [document, home] = await Promise.all([findDocument(db, id), findHome(db, homeowner.id)]);
  return document !== null && document.developmentId === home?.development.id ? document : null;
});

export const generateMetadata = guardMetadata(
  async ({ params }: DocumentProps): Promise<Metadata> => {
    const document = await loadDocument((await params).id);
    return { title: document?.title ?? "Document not found" };
  },
  { title: "Document" },
);

export default guardPage("/documents/[id]", async function DocumentPage({ params }: DocumentProps) {
  const document = await loadDocument((await params).id);
  if (document === null) notFound();
  const { title, developmentName, createdAt, mediaType, body } = document;
  return (
    <article className="mx-auto max-w-3xl space-y-6">
      <PageHeader
        title={title}
        description={`${developmentName}, ${formatDay(createdAt)}`}
        back={{ href: "/", label: "Your home" }}
      />
      <Card>
        {mediaType === "text/markdown" ? (
          <Markdown source={body} title={title} />
        ) : (
          <PlainText source={body} />
        )}
      </Card>
    </article>
  );
});
