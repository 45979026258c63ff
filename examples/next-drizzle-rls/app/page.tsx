import { forTenant } from "../lib/database.ts";
import { documents } from "../lib/schema.ts";
import { currentTenant } from "../lib/session.ts";

export default async function Page() {
  const tenantId = await currentTenant(); // reads a cookie, so that the page is made at each request
  if (tenantId === undefined) return <p>Nobody is signed in.</p>;
  // There is no `where tenant_id = …`: the database shows this tenant's rows and no others.
  const own = await forTenant(tenantId).select().from(documents).orderBy(documents.title);
  return (
    <ul>
      {own.map(({ id, title }) => (
        <li key={id}>{title}</li>
      ))}
    </ul>
  );
}
