import type { StaffSession } from "@openhouse/web/session";
import { type NavItem, Shell } from "@openhouse/web/ui/shell";
import type { ReactNode } from "react";
import { signOut } from "../app/(portal)/actions.ts";
import { ROLE_NAMES } from "../lib/staff.ts";

const NAV: readonly NavItem[] = [
  { href: "/", label: "Developments", below: "/developments/" },
  { href: "/documents", label: "Documents" },
  { href: "/questions", label: "Questions" },
  { href: "/activity", label: "Activity" },
];
const TEAM: NavItem = { href: "/team", label: "Team" };
const DATABASE: NavItem = { href: "/database", label: "Database" };

/** The frame of every page of staff, with what the one who is signed in may go to. */
export function StaffShell({
  session: { tenantName, staff },
  children,
}: {
  session: StaffSession;
  children: ReactNode;
}) {
  return (
    <Shell
      tenantName={tenantName}
      person={{
        name: staff.name,
        role: `${ROLE_NAMES[staff.role]}${staff.isOperator ? ", operator" : ""}`,
      }}
      nav={[...NAV, ...(staff.role === "developer" ? [TEAM] : []), ...(staff.isOperator ? [DATABASE] : [])]}
      signOut={signOut}
    >
      {children}
    </Shell>
  );
}
