import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { defaultBaseDirectory } from "../src/base-directory.ts";
import { serverUser } from "../src/server-user.ts";
import { type Checkout, makeCheckout } from "./support/checkout.ts";
import { killAllLaunchers, LAUNCHERS_ENVIRONMENT, type Launcher, launch } from "./support/launcher.ts";
import { USERS, WE_ARE_ROOT } from "./support/users.ts";

afterEach(killAllLaunchers);

async function answersTo({ url }: Launcher): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "select current_setting('server_version_num')::int >= 180000 as new_enough",
  );
  await client.end();
  return rows[0]?.new_enough;
}

describe.each(USERS)(
  "run by %s, in a clone that only its owner can enter, under umask 077, without postinstall",
  (user) => {
    let checkout: Checkout;
    const start = () => launch({ checkout, user, umask: "077", options: { name: "dev" } });

    beforeAll(() => {
      checkout = makeCheckout({ user, mode: 0o700, postinstall: false, npmUmask: "077" });
    });
    afterAll(() => {
      checkout.remove();
      // Root's lies elsewhere, in a directory named after the checkout; never in one that this process was told of.
      rmSync(defaultBaseDirectory(checkout.root, LAUNCHERS_ENVIRONMENT), { recursive: true, force: true });
    });

    test("it starts, stops, starts again, and leaves nothing in the temporary directory", async () => {
      const first = await start();
      const base = dirname(dirname(first.dataDirectory));
      expect(await answersTo(first)).toBe(true);
      await first.stop();
      const second = await start();
      expect(await answersTo(second)).toBe(true);
      await second.stop();

      const asRoot = WE_ARE_ROOT && user === "ourselves";
      expect(base.startsWith(asRoot ? "/var/lib/openhouse/clone-" : join(checkout.root, ".postgres"))).toBe(
        true,
      );
      expect(readdirSync(checkout.temporary)).toEqual([]);
    });

    test("the superuser's password is in one file, readable by its owner alone, and nowhere else", async () => {
      const launcher = await start();
      const cluster = dirname(launcher.dataDirectory);
      await launcher.stop();

      const password = readFileSync(join(cluster, "superuser-password"), "utf8");
      expect(new URL(launcher.url).password).toBe(password);
      expect(statSync(join(cluster, "superuser-password")).mode & 0o777).toBe(0o600);
      expect(statSync(join(cluster, "data")).mode & 0o777).toBe(0o700);
      const holders = readdirSync(cluster, { recursive: true, encoding: "utf8" }).filter((name) => {
        const path = join(cluster, name);
        return statSync(path).isFile() && readFileSync(path).includes(password);
      });
      expect(holders).toEqual(["superuser-password"]);
    });

    test("binaries that a power cut left incomplete are copied anew", async () => {
      const { dataDirectory, stop } = await start();
      await stop();
      const binaries = join(dirname(dirname(dataDirectory)), "binaries");
      const [version = ""] = readdirSync(binaries);
      truncateSync(join(binaries, version, "bin", "postgres"));

      const launcher = await start();
      expect(await answersTo(launcher)).toBe(true);
      await launcher.stop();
    });
  },
);

test("root lends the server the first OS user that there is, and says so when there is none", () => {
  if (!WE_ARE_ROOT) return expect(serverUser()).toBeNull();
  expect(serverUser(["no-such-user", "nobody"])).toMatchObject({ name: "nobody" });
  expect(() => serverUser(["no-such-user"])).toThrow(
    expect.objectContaining({ code: "POSTGRES_SERVER_USER" }),
  );
});

test.runIf(WE_ARE_ROOT)("a base directory that the server's user cannot enter is told in words", async () => {
  const checkout = makeCheckout({ mode: 0o700, binaries: false });
  onTestFinished(checkout.remove);
  const options = { name: "dev", baseDirectory: join(checkout.root, "base") };
  await expect(launch({ checkout, options })).rejects.toThrow(
    /cannot enter .*openhouse-checkout-.* \(mode 700\)/,
  );
});
