import { randomBytes } from "node:crypto";
import { asSuperuser } from "@openhouse/pool-testing";

/** A role as a program should serve as: no superuser, and free to make tables. */
export interface OrdinaryRole {
  /** The database's URL, as this role. */
  readonly url: string;
  /** Takes it from the server, once the database is gone. */
  drop(): Promise<void>;
}

/** @param superuserUrl the database in which it may make tables. */
export async function makeOrdinaryRole(superuserUrl: string): Promise<OrdinaryRole> {
  const name = `example_${randomBytes(6).toString("hex")}`;
  await asSuperuser(superuserUrl, async (client) => {
    await client.query(`create role ${name} login password '${name}'`);
    await client.query(`grant usage, create on schema public to ${name}`);
  });
  const url = new URL(superuserUrl);
  const server = new URL("/postgres", url).href;
  url.username = url.password = name;
  return {
    url: `${url.href}?sslmode=disable`,
    drop: () => asSuperuser(server, async (client) => void (await client.query(`drop role ${name}`))),
  };
}
