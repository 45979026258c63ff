import { withClient } from "@openhouse/db/client";
import { guardPage } from "@openhouse/web/page";

export default guardPage("/streamed", async () => {
  await withClient((client) => client.query("select 1"));
  return <p>streamed</p>;
});
