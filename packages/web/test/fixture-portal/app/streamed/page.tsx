import { withClient } from "@openhouse/db/client";
import { calmPage } from "@openhouse/web/page";

export default calmPage("/streamed", async () => {
  await withClient((client) => client.query("select 1"));
  return <p>streamed</p>;
});
