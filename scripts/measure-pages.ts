import { randomUUID } from "node:crypto";
import { seed } from "@openhouse/db/seed";
import { asSuperuser, findFreePort, startFaultProxy } from "@openhouse/pool-testing";
import { refuseArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { createMigratedDatabase, onServer } from "@openhouse/tooling/measure/database";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { type Portal, portalNamed } from "@openhouse/tooling/portals/portals";
import {
  MEASURED_SECRET,
  measuredEnvironment,
  RunningPortal,
} from "@openhouse/tooling/portals/running-portal";
import { type Portal as Audience, signSessionToken } from "@openhouse/web/session-token";
import { type FlightCounter, type Flights, startFlightCounter } from "./support/flight-counter.ts";

const USAGE = `npm run measure:pages
What the portals' pages ask of their database: statements, round trips, connections, and how long a page takes with
the database 5 ms away. Builds the portals where they are not built, and starts a server of its own.`;
const DELAY_MS = 5;
const WARM_UP = 10;
const VISITS = 30;

interface Visit {
  readonly name: string;
  readonly portal: Portal["name"];
  readonly path: string;
  /** What is posted, where it is no page that is read. */
  readonly body?: () => object;
}

/** Whose sessions, and what they look at. */
interface People {
  readonly tenant: string;
  readonly homeowner: string;
  readonly staff: string;
  readonly document: string;
  readonly development: string;
  readonly unit: string;
  readonly thread: string;
}

await main(async () => {
  refuseArguments(USAGE);
  process.env.AUTH_SECRET = MEASURED_SECRET;
  const server = await onServer({ name: "pages", temporary: true }, async (server) => server);
  try {
    const { superuserUrl, appUrl } = await createMigratedDatabase(server.url, "pages", "openhouse_app");
    await seed({ appUrl, allowProduction: true });
    await asSuperuser(superuserUrl, (client) => client.query("vacuum analyze"));
    const { hostname, port } = new URL(appUrl);
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    const counter = await startFlightCounter({ host: "127.0.0.1", port: proxy.port });
    try {
      proxy.setDelayMs(DELAY_MS);
      const url = new URL(appUrl);
      Object.assign(url, { hostname: "127.0.0.1", port: String(counter.port) });
      await measure(superuserUrl, url.href, counter);
    } finally {
      counter.close();
      await proxy.close();
    }
  } finally {
    await server.stop("immediate");
  }
  return 0;
});

async function measure(superuserUrl: string, appUrl: string, counter: FlightCounter): Promise<void> {
  const people = await findPeople(superuserUrl);
  const visits: readonly Visit[] = [
    { name: "Home", portal: "tenant-portal", path: "/" },
    { name: "New chat", portal: "tenant-portal", path: "/chat" },
    { name: "Chat", portal: "tenant-portal", path: `/chat/${people.thread}` },
    {
      name: "Chat answer",
      portal: "tenant-portal",
      path: "/api/chat",
      body: () => ({
        id: people.thread,
        existing: true,
        message: { id: randomUUID(), text: "How do I bleed a radiator?" },
      }),
    },
    { name: "Developments", portal: "developer-portal", path: "/" },
    { name: "Development", portal: "developer-portal", path: `/developments/${people.development}` },
    {
      name: "Unit",
      portal: "developer-portal",
      path: `/developments/${people.development}/units/${people.unit}`,
    },
    {
      name: "Edit a development",
      portal: "developer-portal",
      path: `/developments/${people.development}/edit`,
    },
    { name: "Edit a document", portal: "developer-portal", path: `/documents/${people.document}/edit` },
    { name: "Questions", portal: "developer-portal", path: "/questions" },
    { name: "Activity", portal: "developer-portal", path: "/activity" },
    { name: "Team", portal: "developer-portal", path: "/team" },
    { name: "Your devices (staff)", portal: "developer-portal", path: "/devices" },
  ];
  const rows: (string | number)[][] = [];
  for (const name of ["tenant-portal", "developer-portal"] as const) {
    const audience = name === "tenant-portal" ? "tenant" : "developer";
    const cookie = await openSession(superuserUrl, people, audience);
    const portal = { ...portalNamed(name), port: await findFreePort() };
    await ensureBuild(portal, console.log, AbortSignal.timeout(600_000));
    const running = await RunningPortal.start(
      "start",
      portal,
      measuredEnvironment({ DATABASE_URL: appUrl }),
      console.log,
    );
    try {
      await running.untilHealthy(60_000, AbortSignal.timeout(60_000));
      const origin = `http://127.0.0.1:${portal.port}`;
      for (const visit of visits.filter((visit) => visit.portal === portal.name))
        rows.push([visit.name, ...(await figures(() => open(origin, visit, cookie), counter))]);
    } finally {
      await running.stop("SIGTERM");
    }
  }
  console.log(table(["page", "statements", "round trips", "connections", "flights", "ms"], rows));
}

/** The usual figures of a visit: the median of each. */
async function figures(visit: () => Promise<number>, counter: FlightCounter): Promise<(string | number)[]> {
  for (let count = 0; count < WARM_UP; count++) await visit();
  const taken: (Flights & { tookMs: number })[] = [];
  for (let count = 0; count < VISITS; count++) {
    counter.take();
    const tookMs = await visit();
    taken.push({ ...counter.take(), tookMs });
  }
  const usual = (of: (each: Flights & { tookMs: number }) => number) => {
    const sorted = taken.map(of).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return [
    usual(({ statements }) => statements.length),
    usual(({ roundTrips }) => roundTrips),
    usual(({ connections }) => connections),
    usual(({ flights }) => flights),
    Math.round(usual(({ tookMs }) => tookMs)),
  ];
}

/** @returns how long it took, in milliseconds. */
async function open(origin: string, { path, body }: Visit, cookie: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${origin}${path}`, {
    headers: { cookie, ...(body !== undefined && { origin, "content-type": "application/json" }) },
    redirect: "manual",
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body()) }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
  return performance.now() - startedAt;
}

async function findPeople(superuserUrl: string): Promise<People> {
  return asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<People>(`
      with home as (
        select h.tenant_id, h.id, h.unit_id, u.development_id from homeowners h join units u on u.id = h.unit_id order by h.email limit 1
      ), thread as (
        insert into chat_threads (tenant_id, homeowner_id, title) select tenant_id, id, 'Radiators' from home returning id, tenant_id
      ), said as (
        insert into messages (tenant_id, thread_id, role, body, client_message_id) select tenant_id, id, 'user', 'How?', 'asked' from thread
      )
      select home.tenant_id as tenant, home.id as homeowner, home.development_id as development, home.unit_id as unit, thread.id as thread,
             (select id from staff where staff.tenant_id = home.tenant_id and role = 'developer' limit 1) as staff,
             (select id from documents where documents.tenant_id = home.tenant_id limit 1) as document
        from home, thread`);
    const [people] = rows;
    if (people === undefined) throw new Error("the example data has no homeowner");
    return people;
  });
}

/** A cookie of somebody who has just signed in. */
async function openSession(superuserUrl: string, people: People, audience: Audience): Promise<string> {
  const sessionId = randomUUID();
  const expiresAt = new Date(Date.now() + 3_600_000);
  const [column, subjectId] =
    audience === "tenant"
      ? (["homeowner_id", people.homeowner] as const)
      : (["staff_id", people.staff] as const);
  await asSuperuser(superuserUrl, (client) =>
    client.query(`insert into sessions (tenant_id, id, ${column}, expires_at) values ($1, $2, $3, $4)`, [
      people.tenant,
      sessionId,
      subjectId,
      expiresAt,
    ]),
  );
  const token = await signSessionToken(audience, {
    sessionId,
    tenantId: people.tenant,
    subjectId,
    expiresAt,
  });
  return `openhouse-${audience}=${token}`;
}
