import { cookies } from "next/headers";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Stands for your sign-in, and is none: anybody can write a cookie. Read the tenant from a session that your server has signed.
 *
 * @returns nothing where nobody is signed in.
 */
export async function currentTenant(): Promise<string | undefined> {
  const value = (await cookies()).get("tenant")?.value;
  return value !== undefined && UUID.test(value) ? value : undefined;
}
