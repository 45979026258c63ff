import { developments } from "@openhouse/db/schema";
import { readAsTenant, writeAsTenant } from "@openhouse/web/read-position";
import { handleRoute } from "@openhouse/web/route";
import { eq, sql } from "drizzle-orm";

interface Asked {
  readonly tenantId: string;
  readonly developmentId: string;
  readonly address: string;
}

/** Writes as a tenant, for whom reads see it from then on. */
export const POST = handleRoute("/api/address", async (request: Request) => {
  const { tenantId, developmentId, address }: Asked = await request.json();
  await writeAsTenant(tenantId, (db) =>
    db.update(developments).set({ address }).where(eq(developments.id, developmentId)),
  );
  return Response.json({ written: true });
});

export const GET = handleRoute("/api/address", async (request: Request) => {
  const { searchParams } = new URL(request.url);
  const db = await readAsTenant(searchParams.get("tenantId") ?? "");
  const rows = await db
    .select({ address: developments.address, isStandby: sql<boolean>`pg_is_in_recovery()` })
    .from(developments)
    .where(eq(developments.id, searchParams.get("developmentId") ?? ""));
  return Response.json(rows[0] ?? null);
});
