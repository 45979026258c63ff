import { whyUnbound } from "@openhouse/pool/tenants";
import type { Check } from "../check.ts";
import { ok, warn, wrong } from "../finding.ts";

export const roleBound: Check = {
  id: "role_bound",
  title: "whether row-level security binds the role",
  why: "every tenant sees every other's rows, or is one statement away from it",
  async look(examination) {
    const { user } = examination.settings.options;
    const why = await whyUnbound(examination.app, user);
    if (why === null) return [ok(`it binds ${user}`)];
    return [
      wrong(why, "DATABASE_URL with an ordinary role that owns nothing, as `create role … login` makes it"),
    ];
  },
};

/** Of the roles that come with Postgres: those that reach beyond the database, and those that read or write all of it. */
const DANGEROUS = [
  "pg_execute_server_program",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_write_all_data",
];
const BROAD = [
  "pg_read_all_data",
  "pg_signal_backend",
  "pg_maintain",
  "pg_checkpoint",
  "pg_create_subscription",
];

export const rolePowers: Check = {
  id: "role_powers",
  title: "powers and memberships that serving pages does not need",
  why: "whoever gets a statement of his own into a page has them too",
  async look(examination) {
    const { user } = examination.settings.options;
    const { rows } = await examination.app.query<{ power: string; dangerous: boolean; change: string }>(
      `select rolname::text as power, rolname = any ($2) as dangerous, format('revoke %I from %I', rolname, $1::text) as change
         from pg_roles where rolname = any ($2 || $3) and pg_has_role($1, oid, 'member')
          and not (select rolsuper from pg_roles where rolname = $1)
       union all
       select power, dangerous, format('alter role %I no%s', $1::text, lower(power)) from pg_roles,
              lateral (values ('CREATEDB', rolcreatedb, false), ('REPLICATION', rolreplication, true)) as power (power, has, dangerous)
        where rolname = $1 and has and not rolsuper
        order by 1`,
      [user, DANGEROUS, BROAD],
    );
    return rows.map(({ power, dangerous, change }) =>
      (dangerous ? wrong : warn)(`${user} has ${power}`, change, power),
    );
  },
};
