import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addCompany,
  type Call,
  type Company,
  fingerprint,
  HOMEOWNER_CALLS,
  type Ids,
  STAFF_CALLS,
} from "../support/foreign-ids.ts";
import { end, type Portals, startPortal, startPortals } from "../support/portals.ts";

/** Every server action and every page that takes an id, called by a program with the ids of somebody else. */

const PORTALS = [
  ["developer", STAFF_CALLS],
  ["tenant", HOMEOWNER_CALLS],
] as const;
type Name = (typeof PORTALS)[number][0];

let started: Portals;
let mailing: Awaited<ReturnType<typeof startPortal>>;
let mails: string;
let portals: Portals;
let victim: Company;
let attacker: Company;

// Portals and a database of their own: what the others see stays as it is.
beforeAll(async () => {
  started = await startPortals();
  mails = mkdtempSync(join(tmpdir(), "foreign-ids-"));
  const settings = { DATABASE_URL: started.appUrl, TENANT_PORTAL_URL: started.tenant.url, MAIL_DIR: mails };
  mailing = await startPortal("developer-portal", settings);
  portals = { ...started, developer: mailing };
  victim = await addCompany(portals.postgres.url, "Zephyrine");
  attacker = await addCompany(portals.postgres.url, "Quillon");
});

afterAll(async () => {
  await end(mailing);
  await started?.stop();
  rmSync(mails, { recursive: true });
});

const built = (name: Name, file: string): unknown =>
  JSON.parse(
    readFileSync(
      fileURLToPath(new URL(`../../apps/${name}-portal/.next/server/${file}`, import.meta.url)),
      "utf8",
    ),
  );

interface Action {
  readonly id: string;
  /** One that has it. */
  readonly page: string;
}

/** By the names of the table. */
function actionsOf(name: Name): Map<string, Action> {
  interface Entry {
    readonly filename: string;
    readonly exportedName: string;
    readonly workers: Readonly<Record<string, unknown>>;
  }
  const { node } = built(name, "server-reference-manifest.json") as { node: Record<string, Entry> };
  return new Map(
    Object.entries(node).map(([id, { filename, exportedName, workers }]) => [
      `${filename.replace(/^.*\/app\//, "").replace(/\.ts$/, "")}#${exportedName}`,
      { id, page: Object.keys(workers)[0]?.replace(/^app/, "") ?? "" },
    ]),
  );
}

/** A page's address, with these ids in it. */
function addressOf(page: string, ids: Ids): string {
  const main = page.includes("/documents/")
    ? ids.document
    : page.includes("/team/")
      ? ids.member
      : page.includes("/chat/")
        ? ids.thread
        : ids.development;
  const path = page
    .replace(/\/page$/, "")
    .replace(/\/\([^)]*\)/g, "")
    .replace("[id]", main)
    .replace("[unitId]", ids.unit)
    .replace("[homeownerId]", ids.homeowner);
  return path === "" ? "/" : path;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Calls an action as a page's script does. */
async function call(
  name: Name,
  { action, sends, isPlain }: Call,
  cookie: string,
  ids: Ids,
  own: Ids,
): Promise<Answer> {
  const found = actionsOf(name).get(action);
  const sent = sends?.(ids, own);
  if (found === undefined || sent === undefined) throw new Error(`${action} is not there, or sends nothing`);
  const body = new FormData();
  if (Array.isArray(sent)) body.set("0", JSON.stringify(sent));
  else {
    for (const [field, value] of Object.entries(sent)) body.set(`_1_${field}`, value);
    body.set("0", JSON.stringify(isPlain ? ["$K1"] : [null, "$K1"]));
  }
  const encoded = new Response(body);
  const { url } = portals[name];
  const answer = await fetch(url + addressOf(found.page, own), {
    method: "POST",
    redirect: "manual",
    headers: {
      cookie,
      origin: url,
      "next-action": found.id,
      "content-type": encoded.headers.get("content-type") ?? "",
    },
    body: await encoded.arrayBuffer(),
  });
  return { status: answer.status, body: await answer.text() };
}

const callsOf = (calls: readonly Call[]) => calls.filter(({ sends }) => sends !== undefined);
const under = (portal: Name, cookie: string) => cookie.replace(/^openhouse-\w+/, `openhouse-${portal}`);

/** @returns what was changed or told of the victim's by these calls. */
async function succeeded(
  name: Name,
  calls: readonly Call[],
  cookie: string,
  ids: () => { ids: Ids; own: Ids },
): Promise<string[]> {
  const wrong: string[] = [];
  const answers: string[] = [];
  const before = await fingerprint(portals.postgres.url);
  for (const each of calls) {
    const { ids: named, own } = ids();
    const { status, body } = await call(name, each, cookie, named, own);
    answers.push(`${each.action} ${status}`);
    if (status >= 500) wrong.push(`${each.action}: ${status}`);
    if (body.includes(victim.marker)) wrong.push(`${each.action} told of the victim (${status})`);
  }
  const after = await fingerprint(portals.postgres.url);
  const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
  if (changed.length > 0) wrong.push(`changed ${changed.join(", ")} by one of: ${answers.join(", ")}`);
  return wrong;
}

describe.each(PORTALS)("of the %s portal", (name, calls) => {
  test("every action that is built is one of the table's", () => {
    const built = [...actionsOf(name).keys()].sort();
    expect([...new Set(calls.map(({ action }) => action))].sort()).toEqual(built);
  });

  test("no action does anything for who is not signed in, or is signed in at the other portal", async () => {
    const theirs = () => ({ ids: victim.ids, own: victim.ids });
    const other = name === "developer" ? victim.homeowner : victim.developer;
    for (const cookie of ["", `openhouse-${name}=eyJh.eyJh.eyJh`, other, under(name, other)])
      expect(await succeeded(name, callsOf(calls), cookie, theirs), cookie.slice(0, 20)).toEqual([]);
  }, 180_000);

  test("no action does anything to the rows of another company", async () => {
    const cookie = name === "developer" ? attacker.developer : attacker.homeowner;
    const foreign = callsOf(calls).filter(({ isOwn }) => !isOwn);
    const ids = () => ({ ids: victim.ids, own: attacker.ids });
    expect(await succeeded(name, foreign, cookie, ids)).toEqual([]);
  }, 120_000);

  test("no page with an id shows anything of another company, nor anything to who is not signed in", async () => {
    const manifest = built(name, "app-paths-manifest.json") as Record<string, string>;
    const pages = Object.keys(manifest).filter((page) => /\[(id|unitId)\].*\/page$/.test(page));
    expect(pages.length).toBeGreaterThan(1);
    const staff = name === "developer";
    for (const page of pages) {
      const address = portals[name].url + addressOf(page, victim.ids);
      const read = async (cookie: string) => {
        const answer = await fetch(address, { redirect: "manual", headers: { cookie } });
        return { status: answer.status, tells: (await answer.text()).includes(victim.marker) };
      };
      const own = await read(staff ? victim.developer : victim.homeowner);
      expect({ page, ...own }).toEqual({ page, status: 200, tells: true });
      const foreign = await read(staff ? attacker.developer : attacker.homeowner);
      expect({ page, ...foreign }).toEqual({ page, status: 404, tells: false });
      const nobody = await read(under(name, staff ? victim.homeowner : victim.developer));
      expect({ page, ...nobody }).toEqual({ page, status: 307, tells: false });
    }
  }, 60_000);
});

test("a viewer changes nothing, of their own company either", async () => {
  const ids = () => ({ ids: victim.ids, own: victim.ids });
  // What a viewer may do to themselves names a session of a colleague's here.
  const wrong = await succeeded("developer", callsOf(STAFF_CALLS), victim.viewer, ids);
  expect(wrong.filter((line) => !line.includes("told of the victim"))).toEqual([]);
}, 120_000);

test("a homeowner does nothing to the conversations and devices of who lives with them", async () => {
  const foreign = callsOf(HOMEOWNER_CALLS).filter(({ isOwn }) => !isOwn);
  const ids = () => ({ ids: victim.ids, own: victim.ids });
  const wrong = await succeeded("tenant", foreign, victim.neighbour, ids);
  expect(wrong.filter((line) => !line.includes("told of the victim"))).toEqual([]);
});

// The last, as it signs out and deletes: without it, a call that is not understood would pass for one that is refused.
test.each([
  ["tenant", HOMEOWNER_CALLS],
  ["developer", STAFF_CALLS],
] as const)(
  "each call of the %s portal does what it is to do for whom it is for",
  async (name, calls) => {
    const idle: string[] = [];
    let before = await fingerprint(portals.postgres.url);
    for (const each of callsOf(calls)) {
      const cookie = name === "developer" ? victim.developer : victim.homeowner;
      const { status, body } = await call(name, each, cookie, victim.ids, victim.ids);
      const after = await fingerprint(portals.postgres.url);
      const changed = Object.keys(after).some((table) => after[table] !== before[table]);
      if (!changed) idle.push(`${each.action}: ${status} ${body.slice(0, 300)}`);
      before = after;
    }
    expect(idle).toEqual([]);
  },
  120_000,
);
