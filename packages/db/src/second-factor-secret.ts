import { seal, unseal } from "./sealed.ts";

interface Owner {
  readonly tenantId: string;
  readonly staffId: string;
}

const contextOf = ({ tenantId, staffId }: Owner) => `${tenantId}/${staffId}`;

/** The secret of a second factor as the database keeps it: good for its owner only. */
export const sealSecret = (owner: Owner, secret: string): string =>
  seal("second factors", contextOf(owner), secret);

/** The secret again; null where it is not this owner's, or no secret of ours sealed it. */
export const openSecret = (owner: Owner, sealed: string): ReturnType<typeof unseal> =>
  unseal("second factors", contextOf(owner), sealed);
