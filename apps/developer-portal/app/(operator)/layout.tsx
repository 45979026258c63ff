import { requireOperator } from "@openhouse/web/figures/operator";
import { guardPage } from "@openhouse/web/page";
import type { ReactNode } from "react";
import { StaffShell } from "../../components/staff-shell.tsx";

/** Apart from the other pages of staff, as none of it may need the database. */
export default guardPage("(operator)", async function OperatorLayout({ children }: { children: ReactNode }) {
  return <StaffShell session={await requireOperator()}>{children}</StaffShell>;
});
