import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { NEW_PASSWORD_FIELDS } from "../../../components/password-fields.ts";
import { RecordForm } from "../../../components/record-form.tsx";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { changePassword } from "./actions.ts";

export const metadata: Metadata = { title: "Your password" };

export default guardPage("/password", async function PasswordPage() {
  await requireRole(ANY_STAFF);
  return (
    <div className="max-w-xl space-y-8">
      <PageHeader
        title="Your password"
        description="Changing it signs you out on your other devices."
        back={{ href: "/devices", label: "Your devices" }}
      />
      <Card>
        <RecordForm
          action={changePassword}
          fields={[
            {
              name: "current",
              label: "Password so far",
              type: "password",
              autoComplete: "current-password",
              maxLength: 1_024,
            },
            ...NEW_PASSWORD_FIELDS,
          ]}
          submit={{ label: "Change", pending: "Changing…" }}
        />
      </Card>
    </div>
  );
});
