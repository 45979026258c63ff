import { calmPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";

export default calmPage("/owner", async () => {
  const { homeowner } = await requireRole(["homeowner"]);
  return <p>at home, {homeowner.name}</p>;
});
