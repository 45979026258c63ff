import { classifyError } from "@openhouse/pool";
import { forTenant } from "../../../lib/database.ts";
import { documents } from "../../../lib/schema.ts";
import { currentTenant } from "../../../lib/session.ts";

export async function POST(request: Request): Promise<Response> {
  const tenantId = await currentTenant();
  if (tenantId === undefined) return Response.json({ error: "NOT_SIGNED_IN" }, { status: 401 });
  const body: unknown = await request.json().catch(() => undefined);
  const title = typeof body === "object" && body !== null && "title" in body ? body.title : undefined;
  if (typeof title !== "string" || title === "") return Response.json({ error: "INVALID" }, { status: 400 });
  try {
    const [created] = await forTenant(tenantId)
      .insert(documents)
      .values({ tenantId, title })
      .returning({ id: documents.id });
    return Response.json(created, { status: 201 });
  } catch (error) {
    return failure(error);
  }
}

/** What went wrong is told by its kind: no message of the database, and no value of a row, reaches a client. */
function failure(error: unknown): Response {
  const { kind, unavailable } = classifyError(error);
  if (!unavailable) throw error; // Next logs it, and answers 500
  return Response.json({ error: kind }, { status: 503, headers: { "Retry-After": "2" } });
}
