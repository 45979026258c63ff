import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { RecordForm } from "../../../../components/record-form.tsx";
import { inviteMember } from "../actions.ts";
import { roleField } from "../member-fields.ts";

export const metadata: Metadata = { title: "Invite a colleague" };

export default guardPage("/team/new", async function InviteColleague() {
  await requireRole(["developer"]);
  return (
    <div className="max-w-xl space-y-8">
      <PageHeader
        title="Invite a colleague"
        description="You get a link for them to choose a password. No e-mail is sent."
        back={{ href: "/team", label: "Team" }}
      />
      <Card>
        <RecordForm
          action={inviteMember}
          fields={[
            { name: "name", label: "Name", maxLength: 100 },
            { name: "email", label: "E-mail address", type: "email", maxLength: 254 },
            roleField("viewer"),
          ]}
          submit={{ label: "Invite", pending: "Inviting…" }}
        />
      </Card>
    </div>
  );
});
