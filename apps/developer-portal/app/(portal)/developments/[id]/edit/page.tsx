import { countHomeAccess } from "@openhouse/db/queries/homes";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { ArchiveForm } from "../../../../../components/archive-form.tsx";
import { RecordForm } from "../../../../../components/record-form.tsx";
import NotFound from "../../../not-found.tsx";
import { bringDevelopmentBack, putDevelopmentAway, saveDevelopment } from "../../actions.ts";
import { developmentFields } from "../../development-fields.ts";
import { developmentHref } from "../hrefs.ts";
import { loadDevelopment } from "../load-development.ts";

export const metadata: Metadata = { title: "Edit development" };

export default guardPage(
  "/developments/[id]/edit",
  async function EditDevelopment({ params }: { params: Promise<{ id: string }> }) {
    const { id } = await params;
    const [[, development], [, access]] = await Promise.all([
      loadDevelopment(id),
      requireRoleWith(["developer"], (db) => [countHomeAccess(db, { developmentId: id })]),
    ]);
    if (development === null) return notThere(NotFound);
    return (
      <div className="max-w-xl space-y-8">
        <PageHeader
          title={`Edit ${development.name}`}
          back={{ href: developmentHref(id), label: development.name }}
        />
        <Card>
          <RecordForm
            action={saveDevelopment}
            hidden={{ development: id }}
            fields={developmentFields(development)}
            submit={{ label: "Save", pending: "Saving…" }}
          />
        </Card>
        <ArchiveForm
          what="development"
          id={id}
          archivedAt={development.archivedAt}
          access={access}
          archive={putDevelopmentAway}
          restore={bringDevelopmentBack}
        />
      </div>
    );
  },
);
