import { withClient } from "@openhouse/db/client";
import { guardPage } from "@openhouse/web/page";
import type { ReactNode } from "react";

/** Outside of loading.tsx, so its failure still decides the status. */
export default guardPage("/streamed (layout)", async ({ children }: { children: ReactNode }) => {
  await withClient((client) => client.query("select 1"));
  return <main>{children}</main>;
});
