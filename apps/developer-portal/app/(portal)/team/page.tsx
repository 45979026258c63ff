import { listStaff, type StaffAccount } from "@openhouse/db/queries/staff-accounts";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { ButtonLink } from "@openhouse/web/ui/button";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import Link from "next/link";
import { ROLE_HINT, ROLE_NAMES } from "../../../lib/staff.ts";

export const metadata: Metadata = { title: "Team" };

const COLUMNS: [Column<StaffAccount>, ...Column<StaffAccount>[]] = [
  {
    header: "Name",
    cell: ({ id, name, email }) => (
      <>
        <Link href={`/team/${id}`} prefetch={false} className="font-semibold text-accent hover:underline">
          {name}
        </Link>
        <span className="block text-xs font-normal break-all text-muted">{email}</span>
      </>
    ),
  },
  { header: "Role", cell: ({ role }) => ROLE_NAMES[role] },
  { header: "Account", cell: (account) => <AccountBadge {...account} /> },
];

/** Who works in this portal for the company. */
export default guardPage("/team", async function Team() {
  const [, members] = await requireRoleWith(["developer"], (db) => [listStaff(db)]);
  return (
    <div className="space-y-8">
      <PageHeader
        title="Team"
        description={`Your colleagues in this portal. ${ROLE_HINT}`}
        actions={
          <ButtonLink href="/team/new" prefetch={false}>
            Invite a colleague
          </ButtonLink>
        }
      />
      <DataTable caption="Colleagues, by name" columns={COLUMNS} rows={members} rowKey={({ id }) => id} />
    </div>
  );
});

function AccountBadge({ disabledAt, isInvited }: Pick<StaffAccount, "disabledAt" | "isInvited">) {
  if (disabledAt !== null) return <Badge>Disabled</Badge>;
  return isInvited ? <Badge tone="caution">Invited</Badge> : <Badge tone="good">In use</Badge>;
}
