import { asSuperuser } from "@openhouse/pool-testing";
import { signSessionToken } from "@openhouse/web/session-token";

export const HANNAH = "hannah.blackwood@example.com";
export const OWEN = "owen.blackwood@example.com";
/** Of Cooper's Quay, as they are. */
export const SAMIR = "samir.haddad@example.com";

/** Somebody who is signed in to the tenant portal. */
export interface Homeowner {
  readonly id: string;
  readonly tenantId: string;
  /** As a `Cookie` header. */
  readonly cookie: string;
}

const OPEN_SESSION = `with owner as (select tenant_id, id from homeowners where email = $1)
  insert into sessions (tenant_id, homeowner_id, expires_at)
    select tenant_id, id, now() + interval '1 hour' from owner
    returning id, tenant_id, homeowner_id, expires_at`;

/** Opens a session for one of the example data's homeowners, without a code and without a browser. */
export async function asHomeowner(serverUrl: string, email: string): Promise<Homeowner> {
  const session = await asSuperuser(serverUrl, async (client) => {
    const { rows } = await client.query<{
      id: string;
      tenant_id: string;
      homeowner_id: string;
      expires_at: Date;
    }>(OPEN_SESSION, [email]);
    return rows[0];
  });
  if (session === undefined) throw new Error(`the example data has no homeowner ${email}`);
  const { id: sessionId, tenant_id: tenantId, homeowner_id: subjectId, expires_at: expiresAt } = session;
  const token = await signSessionToken("tenant", { sessionId, tenantId, subjectId, expiresAt });
  return { id: subjectId, tenantId, cookie: `openhouse-tenant=${token}` };
}

/** The first `count` of the example data's homeowners, each with a session. */
export async function firstHomeowners(serverUrl: string, count: number): Promise<Homeowner[]> {
  const emails = await asSuperuser(serverUrl, async (client) => {
    const { rows } = await client.query<{ email: string }>(
      "select email from homeowners order by email limit $1",
      [count],
    );
    return rows.map(({ email }) => email);
  });
  return await Promise.all(emails.map((email) => asHomeowner(serverUrl, email)));
}
