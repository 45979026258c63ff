import { forTenant } from "@openhouse/db/client";
import { listDevelopments } from "@openhouse/db/queries/developments";
import { findDocumentHead, findSuccessor } from "@openhouse/db/queries/documents";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { successorHref } from "@openhouse/web/ui/replaced-notice";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { RecordForm } from "../../../../../components/record-form.tsx";
import { UPLOAD_ACCEPT, UPLOAD_HINT } from "../../../../../lib/document-file.ts";
import NotFound from "../../../not-found.tsx";
import { removeDocument, replaceFile, saveDocument } from "./actions.ts";

export const metadata: Metadata = { title: "Edit document" };

export default guardPage(
  "/documents/[id]/edit",
  async function EditDocument({ params }: { params: Promise<{ id: string }> }) {
    const { id } = await params;
    const [session, listed, document] = await requireRoleWith(["developer"], (db) => [
      listDevelopments(db),
      findDocumentHead(db, id),
    ]);
    if (document === null) {
      const successor = await findSuccessor(forTenant(session.tenantId), id);
      return successor === null ? notThere(NotFound) : redirect(successorHref(successor.id));
    }
    const { title, fileName, developmentId, developmentName } = document;
    // One in the archive stays a choice for what is in it.
    const developments = listed.some((each) => each.id === developmentId)
      ? listed
      : [{ id: developmentId, name: developmentName }, ...listed];
    return (
      <div className="max-w-xl space-y-8">
        <PageHeader
          title={`Edit ${title}`}
          description={`${developmentName} · ${fileName}`}
          back={{ href: `/documents/${id}`, label: title }}
        />
        <Card>
          <RecordForm
            action={saveDocument}
            hidden={{ document: id }}
            fields={[
              { name: "title", label: "Title", hint: "As homeowners should see it.", value: title },
              {
                name: "development",
                label: "Development",
                hint: "Its homeowners read the document, and nobody else’s.",
                value: developmentId,
                options: developments.map(({ id: value, name: label }) => ({ value, label })),
              },
            ]}
            submit={{ label: "Save", pending: "Saving…" }}
          />
        </Card>
        <Section
          title="Replace the file"
          description="The title stays. The file before it goes to the deleted documents."
        >
          <Card>
            <RecordForm
              action={replaceFile}
              hidden={{ document: id }}
              fields={[
                {
                  name: "file",
                  label: "File",
                  type: "file",
                  accept: UPLOAD_ACCEPT,
                  hint: UPLOAD_HINT,
                },
              ]}
              submit={{ label: "Replace", pending: "Replacing…", look: "secondary" }}
            />
          </Card>
        </Section>
        <Section
          title="Delete"
          description="Homeowners no longer see it, and the assistant no longer quotes it. You can bring it back for 30 days."
        >
          <Card>
            <RecordForm
              action={removeDocument}
              hidden={{ document: id }}
              fields={[]}
              submit={{ label: "Delete", pending: "Deleting…", look: "secondary" }}
            />
          </Card>
        </Section>
      </div>
    );
  },
);
