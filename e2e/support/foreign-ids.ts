import { randomUUID } from "node:crypto";
import { asSuperuser } from "@openhouse/pool-testing";
import { signSessionToken } from "@openhouse/web/session-token";

/** Rows of one company, and of one homeowner of it, whose ids others send. */
export interface Ids {
  readonly development: string;
  /** In the archive. */
  readonly archived: string;
  readonly unit: string;
  readonly archivedUnit: string;
  readonly homeowner: string;
  readonly document: string;
  readonly deletedDocument: string;
  /** A colleague, besides whoever is signed in. */
  readonly member: string;
  /** Of whoever is signed in as `developer`, at another device. */
  readonly staffSession: string;
  readonly homeownerSession: string;
  readonly thread: string;
}

export interface Company {
  readonly tenantId: string;
  readonly ids: Ids;
  /** What stands in these rows and nowhere else. */
  readonly marker: string;
  /** As `Cookie` headers. */
  readonly developer: string;
  readonly viewer: string;
  readonly homeowner: string;
  /** Lives in the same home. */
  readonly neighbour: string;
}

/** Adds a company of its own, with one row of each kind that an action can name. */
export function addCompany(serverUrl: string, marker: string): Promise<Company> {
  return asSuperuser(serverUrl, async (client) => {
    const tenantId = randomUUID();
    const add = async (table: string, columns: Readonly<Record<string, unknown>>): Promise<string> => {
      const id = randomUUID();
      const row = { tenant_id: tenantId, id, ...columns };
      const names = Object.keys(row).join(", ");
      const places = Object.keys(row).map((_, at) => `$${at + 1}`);
      await client.query(`insert into ${table} (${names}) values (${places.join(", ")})`, Object.values(row));
      return id;
    };
    await client.query("insert into tenants (tenant_id, name, slug) values ($1, $2, $2)", [tenantId, marker]);
    const staff = (name: string, role: string) =>
      add("staff", {
        email: `${name}@${marker.toLowerCase()}.example`,
        name: `${marker} ${name}`,
        role,
        password_hash: "-",
      });
    const [developer, viewer, member] = [
      await staff("one", "developer"),
      await staff("two", "viewer"),
      await staff("three", "viewer"),
    ];
    const place = { address: marker, stage: "building" };
    const development = await add("developments", { name: `${marker} Rise`, ...place });
    const now = new Date();
    const archived = await add("developments", { name: `${marker} Gone`, ...place, archived_at: now });
    const flat = { development_id: development, kind: "Flat", bedrooms: 1, floor_area_m2: 50 };
    const unit = await add("units", { label: `${marker} 1`, ...flat });
    const archivedUnit = await add("units", { label: `${marker} 2`, ...flat, archived_at: now });
    const person = (name: string) =>
      add("homeowners", {
        unit_id: unit,
        name: `${marker} ${name}`,
        email: `${name}@${marker.toLowerCase()}.example`,
      });
    const [homeowner, neighbour] = [await person("four"), await person("five")];
    await add("onboarding_codes", {
      homeowner_id: homeowner,
      code: `${marker}CODE0000000000000000`.slice(0, 20).toUpperCase(),
      expires_at: new Date(Date.now() + 3_600_000),
    });
    const text = { development_id: development, media_type: "text/plain", body: marker, indexed_at: now };
    const document = await add("documents", {
      title: `${marker} Guide`,
      file_name: `${marker}.txt`,
      ...text,
    });
    const deletedDocument = await add("documents", {
      title: `${marker} Old`,
      file_name: `${marker}.txt`,
      ...text,
      deleted_at: now,
    });
    const thread = await add("chat_threads", { homeowner_id: homeowner, title: `${marker} heating` });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const session = (owner: Readonly<Record<string, string>>) =>
      add("sessions", { ...owner, expires_at: expiresAt });
    const cookie = async (portal: "developer" | "tenant", subjectId: string) => {
      const owner = portal === "tenant" ? { homeowner_id: subjectId } : { staff_id: subjectId };
      const sessionId = await session(owner);
      const token = await signSessionToken(portal, { sessionId, tenantId, subjectId, expiresAt });
      return `openhouse-${portal}=${token}`;
    };
    return {
      tenantId,
      marker,
      ids: {
        ...{
          development,
          archived,
          unit,
          archivedUnit,
          homeowner,
          document,
          deletedDocument,
          member,
          thread,
        },
        staffSession: await session({ staff_id: developer }),
        homeownerSession: await session({ homeowner_id: homeowner }),
      },
      developer: await cookie("developer", developer),
      viewer: await cookie("developer", viewer),
      homeowner: await cookie("tenant", homeowner),
      neighbour: await cookie("tenant", neighbour),
    };
  });
}

/** What is kept of visits, whoever they are. */
const COUNTED = "'rate_limits'";

/** What every table holds, but for when a session was last seen and how often something was tried. */
export function fingerprint(serverUrl: string): Promise<Record<string, string>> {
  return asSuperuser(serverUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename not in (${COUNTED})`,
    );
    const held: Record<string, string> = {};
    for (const { name } of rows) {
      const row = "(to_jsonb(t) - 'last_seen_at')::text";
      const sum = `select md5(coalesce(string_agg(${row}, '|' order by ${row}), '')) as sum from "${name}" t`;
      held[name] = (await client.query<{ sum: string }>(sum)).rows[0]?.sum ?? "";
    }
    return held;
  });
}

/** One call of a server action, as a program sends it that knows the ids. */
export interface Call {
  /** The action's file below `app`, and its name there. */
  readonly action: string;
  /** Who may do it; `nobody` in particular: those who come in by it. */
  readonly by: "developer" | "staff" | "homeowner" | "nobody";
  /** It names no row: whoever may do it does it to their own. */
  readonly isOwn?: true;
  /** It is a form's own action, which is given the form alone. */
  readonly isPlain?: true;
  /**
   * What it is called with: the fields of its form, or its arguments.
   *
   * @param ids of the company that is attacked.
   * @param own of the caller's, where an action takes two.
   * @returns undefined where it names nobody's rows.
   */
  readonly sends?: (ids: Ids, own: Ids) => Readonly<Record<string, string | File>> | readonly string[];
}

const UNIT = { label: "Taken over", kind: "Flat", bedrooms: "1", floorAreaM2: "50", handoverOn: "" };
const PERSON = { name: "Mallory", email: "mallory@example.com" };
const PLACE = { name: "Taken over", address: "Nowhere", stage: "planning" };
const CSV = "unit,kind,bedrooms,floor area\nTaken over 2,Flat,1,50";
const file = () => new File(["Taken over"], "taken.txt", { type: "text/plain" });

const STAFF = "(portal)";
const DEVELOPMENTS = `${STAFF}/developments/actions`;
const HOMES = `${STAFF}/developments/[id]`;
const DOCUMENT = `${STAFF}/documents/[id]/edit/actions`;
const TEAM = `${STAFF}/team/actions`;

/** Every action of the staff's portal; those that destroy come behind those that change. */
export const STAFF_CALLS: readonly Call[] = [
  { action: "sign-in/actions#signIn", by: "nobody" },
  { action: "sign-in/code/actions#enterCode", by: "nobody" },
  { action: "join/[token]/actions#setPassword", by: "nobody" },
  { action: `${STAFF}/actions#signOut`, by: "nobody" },
  { action: `${STAFF}/password/actions#changePassword`, by: "staff" },
  { action: `${STAFF}/two-step/actions#changeTwoStep`, by: "staff" },
  {
    action: `${STAFF}/devices/actions#signOutDevices`,
    by: "staff",
    sends: ({ staffSession }) => ({ session: staffSession }),
  },
  { action: `${DEVELOPMENTS}#createDevelopment`, by: "developer", isOwn: true, sends: () => PLACE },
  {
    action: `${DEVELOPMENTS}#saveDevelopment`,
    by: "developer",
    sends: ({ development }) => ({ development, ...PLACE }),
  },
  {
    action: `${HOMES}/units/actions#createUnit`,
    by: "developer",
    sends: ({ development }) => ({ development, ...UNIT }),
  },
  {
    action: `${HOMES}/units/actions#saveUnit`,
    by: "developer",
    sends: ({ unit }) => ({ unit, ...UNIT, label: "Taken over 3" }),
  },
  {
    action: `${HOMES}/import/actions#importList`,
    by: "developer",
    sends: ({ development }) => ({ development, csv: CSV, confirm: "on" }),
  },
  {
    action: `${HOMES}/homeowners/actions#createHomeowner`,
    by: "developer",
    sends: ({ development, unit }) => ({ development, unit, ...PERSON }),
  },
  {
    action: `${HOMES}/homeowners/actions#saveHomeowner`,
    by: "developer",
    sends: ({ homeowner }) => ({ homeowner, name: "Mallory", email: "m@example.com" }),
  },
  {
    action: `${HOMES}/actions#openCode`,
    by: "developer",
    isPlain: true,
    sends: ({ development, homeowner }) => ({ development, homeowner, change: "issue", knows: "on" }),
  },
  {
    action: `${HOMES}/actions#changeCode`,
    by: "developer",
    sends: ({ homeowner }) => ({ homeowner, change: "issue", knows: "on" }),
  },
  {
    action: `${HOMES}/actions#changeCode`,
    by: "developer",
    sends: ({ homeowner }) => ({ homeowner, change: "withdraw", keep: "on" }),
  },
  {
    action: `${HOMES}/actions#changeCode`,
    by: "developer",
    sends: ({ homeowner }) => ({ homeowner, change: "end" }),
  },
  {
    action: `${HOMES}/codes/mail/actions#sendCodes`,
    by: "developer",
    sends: ({ development }) => ({ development }),
  },
  {
    action: `${STAFF}/documents/(list)/actions#uploadDocument`,
    by: "developer",
    sends: ({ development }) => ({ development, title: "Taken over", file: file() }),
  },
  {
    action: `${DOCUMENT}#saveDocument`,
    by: "developer",
    sends: ({ document, development }) => ({ document, development, title: "Taken over" }),
  },
  {
    action: `${DOCUMENT}#saveDocument`,
    by: "developer",
    // One's own document, moved to somebody else's development.
    sends: ({ development }, { document }) => ({ document, development, title: "Moved over" }),
  },
  {
    action: `${DOCUMENT}#bringDocumentBack`,
    by: "developer",
    sends: ({ deletedDocument }) => ({ document: deletedDocument }),
  },
  {
    action: `${DOCUMENT}#replaceFile`,
    by: "developer",
    sends: ({ document }) => ({ document, file: file() }),
  },
  {
    action: `${DOCUMENT}#removeDocument`,
    by: "developer",
    // The one before was replaced, and this one brought back.
    sends: ({ deletedDocument }) => ({ document: deletedDocument }),
  },
  {
    action: `${TEAM}#inviteMember`,
    by: "developer",
    isOwn: true,
    sends: () => ({ name: "Mallory", email: "mallory@example.com", role: "developer" }),
  },
  { action: `${TEAM}#makeLink`, by: "developer", sends: ({ member }) => ({ member }) },
  {
    action: `${TEAM}#changeRole`,
    by: "developer",
    sends: ({ member }) => ({ member, role: "developer" }),
  },
  {
    action: `${TEAM}#changeAccess`,
    by: "developer",
    sends: ({ member }) => ({ member, change: "disable" }),
  },
  {
    action: `${HOMES}/homeowners/actions#deleteHomeowner`,
    by: "developer",
    sends: ({ development, unit, homeowner }) => ({ development, unit, homeowner, sure: "on" }),
  },
  {
    action: `${HOMES}/units/actions#bringUnitBack`,
    by: "developer",
    sends: ({ archivedUnit }) => ({ unit: archivedUnit }),
  },
  {
    action: `${HOMES}/units/actions#putUnitAway`,
    by: "developer",
    sends: ({ unit }) => ({ unit, close: "on" }),
  },
  {
    action: `${DEVELOPMENTS}#bringDevelopmentBack`,
    by: "developer",
    sends: ({ archived }) => ({ development: archived }),
  },
  {
    action: `${DEVELOPMENTS}#putDevelopmentAway`,
    by: "developer",
    sends: ({ development }) => ({ development, close: "on" }),
  },
];

/** Every action of the homeowners' portal. */
export const HOMEOWNER_CALLS: readonly Call[] = [
  { action: "sign-in/actions#findCode", by: "nobody" },
  { action: "sign-in/actions#sendLink", by: "nobody" },
  { action: "sign-in/link/[token]/actions#openAgain", by: "nobody" },
  { action: "onboard/[code]/actions#openHome", by: "nobody" },
  { action: "(portal)/actions#signOut", by: "nobody" },
  {
    action: "(portal)/(home)/actions#dismissNewDevices",
    by: "homeowner",
    sends: ({ homeownerSession }) => ({ newest: homeownerSession }),
  },
  {
    action: "(portal)/chat/actions#renameConversation",
    by: "homeowner",
    sends: ({ thread }) => [thread, "Taken over"],
  },
  {
    action: "(portal)/devices/actions#signOutDevices",
    by: "homeowner",
    sends: ({ homeownerSession }) => ({ session: homeownerSession }),
  },
  {
    action: "(portal)/chat/actions#deleteConversation",
    by: "homeowner",
    sends: ({ thread }) => [thread],
  },
];
