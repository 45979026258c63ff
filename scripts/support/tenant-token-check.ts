import { closePool, forTenant } from "@openhouse/db/client";
import { developments } from "@openhouse/db/schema";
import { type Check, ok, skip, wrong } from "@openhouse/doctor";
import { classifyError } from "@openhouse/pool";

/** The database does not take what the portals sign. */
const TOKEN_REFUSED = "OH001";
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** Whether a portal with these settings would get on: their key, clocks, and a pooler that changes the connection count here. */
export const tenantToken: Check = {
  id: "tenant_token",
  title: "whether the database takes what the portals sign",
  why: "every page with a tenant's data answers 503",
  async look({ app }) {
    const { rows } = await app.query<{ found: boolean }>(
      "select to_regclass('guard.current_tenant') is not null as found",
    );
    if (!rows[0]?.found) return [skip("the database was not migrated", "npm run db:migrate")];
    try {
      await forTenant(NOBODY).select({ id: developments.id }).from(developments).limit(1);
      return [ok("it does")];
    } catch (error) {
      if (classifyError(error).sqlstate !== TOKEN_REFUSED) throw error;
      const { message, hint } = serversWords(error);
      return [wrong(message, hint)];
    } finally {
      await closePool();
    }
  },
};

/** Ours, from the migrations, and so fit to be read. */
function serversWords(error: unknown): { message: string; hint: string } {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ("code" in each && each.code === TOKEN_REFUSED)
      return { message: each.message, hint: "hint" in each ? String(each.hint) : "" };
  }
  return { message: "the token is refused", hint: "" };
}
