import { expect, test } from "vitest";
import { WrongRoleError } from "../../src/errors/errors.ts";
import { Hosts } from "../../src/hosts/hosts.ts";
import { ReportedRole } from "../../src/hosts/reported-role.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

test("a server that has not reported its role is asked, as those before PostgreSQL 14 have to be", async () => {
  const client = await database.observer();
  const admit = async (target: "primary" | "standby" | "read-only" | "any") => {
    const hosts = new Hosts([{ host: "a", port: 5432 }], target);
    const [host] = hosts.all;
    // What it has reported while connecting is over.
    if (host !== undefined) await new ReportedRole(client).admit(hosts, host);
    return host?.role;
  };
  expect(await admit("primary")).toBe("primary");
  await expect(admit("standby")).rejects.toBeInstanceOf(WrongRoleError);
  await expect(admit("read-only")).rejects.toBeInstanceOf(WrongRoleError);
  expect(await admit("any")).toBe("unknown");
});
