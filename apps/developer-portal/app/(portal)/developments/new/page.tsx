import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { RecordForm } from "../../../../components/record-form.tsx";
import { createDevelopment } from "../actions.ts";
import { developmentFields } from "../development-fields.ts";

export const metadata: Metadata = { title: "New development" };

export default guardPage("/developments/new", async function NewDevelopment() {
  await requireRole(["developer"]);
  return (
    <div className="max-w-xl space-y-8">
      <PageHeader
        title="New development"
        description="Its units and documents are added on the next page."
        back={{ href: "/", label: "Developments" }}
      />
      <Card>
        <RecordForm
          action={createDevelopment}
          fields={developmentFields()}
          submit={{ label: "Create", pending: "Creating…" }}
        />
      </Card>
    </div>
  );
});
