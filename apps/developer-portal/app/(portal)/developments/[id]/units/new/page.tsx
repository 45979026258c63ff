import { guardPage, notThere } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import Link from "next/link";
import { RecordForm } from "../../../../../../components/record-form.tsx";
import NotFound from "../../../../not-found.tsx";
import { developmentHref, importHref } from "../../hrefs.ts";
import { loadDevelopment } from "../../load-development.ts";
import { createUnit } from "../actions.ts";
import { unitFields } from "../unit-fields.ts";

export const metadata: Metadata = { title: "New unit" };

export default guardPage(
  "/developments/[id]/units/new",
  async function NewUnit({ params }: { params: Promise<{ id: string }> }) {
    const { id } = await params;
    const [[, development]] = await Promise.all([loadDevelopment(id), requireRole(["developer"])]);
    if (development === null) return notThere(NotFound);
    return (
      <div className="max-w-xl space-y-8">
        <PageHeader
          title="New unit"
          description={
            <>
              One house or flat of {development.name}.{" "}
              <Link href={importHref(id)} className="font-medium text-accent underline">
                Many at once
              </Link>
            </>
          }
          back={{ href: developmentHref(id), label: development.name }}
        />
        <Card>
          <RecordForm
            action={createUnit}
            hidden={{ development: id }}
            fields={unitFields()}
            submit={{ label: "Add the unit", pending: "Adding…" }}
          />
        </Card>
      </div>
    );
  },
);
