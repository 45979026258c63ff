import { findStaffAccount } from "@openhouse/db/queries/staff-accounts";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { RecordForm } from "../../../../components/record-form.tsx";
import { ROLE_NAMES } from "../../../../lib/staff.ts";
import NotFound from "../../not-found.tsx";
import { changeAccess, changeRole, makeLink } from "../actions.ts";
import { roleField } from "../member-fields.ts";

export const metadata: Metadata = { title: "Colleague" };

export default guardPage(
  "/team/[id]",
  async function Colleague({ params }: { params: Promise<{ id: string }> }) {
    const { id } = await params;
    const [{ staff }, member] = await requireRoleWith(["developer"], (db) => [findStaffAccount(db, id)]);
    if (member === null) return notThere(NotFound);
    const { name, email, role, disabledAt, isInvited } = member;
    const hidden = { member: member.id };
    const isDisabled = disabledAt !== null;
    return (
      <div className="max-w-xl space-y-8">
        <PageHeader
          title={name}
          description={
            <>
              {ROLE_NAMES[role]}. <span className="break-all">{email}</span>
            </>
          }
          back={{ href: "/team", label: "Team" }}
        />
        {staff.id === member.id ? (
          <p className="text-muted">
            This is you. Your password and your devices are under{" "}
            <Link href="/devices" className="font-medium text-accent underline">
              Your devices
            </Link>
            ; your role, and whether you may come in, is for a colleague to change.
          </p>
        ) : (
          <>
            <Section title="Role">
              <Card>
                <RecordForm
                  action={changeRole}
                  hidden={hidden}
                  fields={[roleField(role)]}
                  submit={{ label: "Save", pending: "Saving…" }}
                />
              </Card>
            </Section>
            {!isDisabled && (
              <Section
                title={isInvited ? "A new invitation" : "A new password"}
                description={
                  isInvited
                    ? "Where the first link was lost, or is older than 7 days."
                    : "Where they have forgotten it. The one that they have works until they choose another."
                }
              >
                <Card>
                  <RecordForm
                    action={makeLink}
                    hidden={hidden}
                    fields={[]}
                    submit={{ label: "Make a link", pending: "Making a link…", look: "secondary" }}
                  />
                </Card>
              </Section>
            )}
            <Section
              title={isDisabled ? "Account disabled" : "Disable the account"}
              description={
                isDisabled
                  ? "They cannot come in. What they did stays in the activity."
                  : "They are signed out everywhere and cannot come in. What they did stays, and so do their documents."
              }
            >
              <Card>
                <RecordForm
                  action={changeAccess}
                  hidden={{ ...hidden, change: isDisabled ? "enable" : "disable" }}
                  fields={[]}
                  submit={{
                    label: isDisabled ? "Enable" : "Disable",
                    pending: "Saving…",
                    look: "secondary",
                  }}
                />
              </Card>
            </Section>
          </>
        )}
      </div>
    );
  },
);
