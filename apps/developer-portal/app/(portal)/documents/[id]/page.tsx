import { forTenant } from "@openhouse/db/client";
import { findDocument } from "@openhouse/db/queries/documents";
import { formatBytes, formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { Markdown, PlainText } from "@openhouse/web/ui/markdown";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ANY_STAFF } from "../../../../lib/staff.ts";

interface DocumentProps {
  params: Promise<{ id: string }>;
}

// Title and page ask for the same document; one statement answers both.
const loadDocument = cache(async (id: string) => {
  const { tenantId } = await requireRole(ANY_STAFF);
  return findDocument(forTenant(tenantId), id);
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
  const { title, developmentName, fileName, byteSize, createdAt, mediaType, body } = document;
  return (
    <article className="max-w-3xl space-y-6">
      <PageHeader
        title={title}
        description={`${developmentName} · ${fileName}, ${formatBytes(byteSize)}, ${formatDay(createdAt)}`}
        back={{ href: "/documents", label: "Documents" }}
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
