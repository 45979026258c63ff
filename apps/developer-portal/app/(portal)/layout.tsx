import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { type NavItem, Shell } from "@openhouse/web/ui/shell";
import type { ReactNode } from "react";
import { ANY_STAFF, ROLE_NAMES } from "../../lib/staff.ts";
import { signOut } from "./actions.ts";

const NAV: readonly NavItem[] = [
  { href: "/", label: "Developments", below: "/developments/" },
  { href: "/documents", label: "Documents" },
  { href: "/database", label: "Database" },
];

export default guardPage("(portal)", async function PortalLayout({ children }: { children: ReactNode }) {
  const { tenantName, staff } = await requireRole(ANY_STAFF);
  return (
    <Shell
      tenantName={tenantName}
      person={{ name: staff.name, role: ROLE_NAMES[staff.role] }}
      nav={NAV}
      signOut={signOut}
    >
      {children}
    </Shell>
  );
});
