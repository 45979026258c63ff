import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import type { ReactNode } from "react";
import { StaffShell } from "../../components/staff-shell.tsx";
import { ANY_STAFF } from "../../lib/staff.ts";

export default guardPage("(portal)", async function PortalLayout({ children }: { children: ReactNode }) {
  return <StaffShell session={await requireRole(ANY_STAFF)}>{children}</StaffShell>;
});
