import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";

export default guardPage("/owner", async () => {
  const { homeowner } = await requireRole(["homeowner"]);
  return <p>at home, {homeowner.name}</p>;
});
