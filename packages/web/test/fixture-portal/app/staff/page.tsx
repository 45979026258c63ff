import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";

export default guardPage("/staff", async () => {
  const { staff, tenantName } = await requireRole(["developer"]);
  return (
    <p>
      welcome {staff.name} of {tenantName}
    </p>
  );
});
