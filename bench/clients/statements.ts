// The statements of the raw clients and of pgbench: what Drizzle makes of the same queries, written by hand.
const HOME = "id, label, kind, bedrooms, floor_area, handover_at";
const NOTE = "tenant_id, id, body, updated_at";

/** By the operation's name; parameters as $1, $2. */
export const SQL = {
  homeById: `select ${HOME} from homes where id = $1`,
  page: `select ${HOME}, (select coalesce(json_agg(json_build_array(r.id, r.home_id, r.name, r.email)), '[]'::json) from residents r where r.home_id = homes.id) as residents from homes where id between $1 and $2`,
  visit: "insert into visits (home_id, note) values ($1, $2) returning id, home_id, note, at",
  key: "insert into keyed (key, label) values ($1, $2)",
  openNote: `select ${NOTE} from open_notes where tenant_id = $1 and id = $2`,
  setTenant: "select set_config('app.tenant_id', $1, true)",
  note: `select ${NOTE} from notes where id = $1`,
  touchNote: "update notes set updated_at = now() where id = $1",
  tenantVisit: "insert into tenant_visits (note) values ($1) returning id",
  notes: `select ${NOTE} from notes where id between $1 and $2`,
  nextNotes: "select id, body from notes where id > $1 order by id limit 5",
  lastUpdate: "select max(updated_at) as at from notes where id between $1 and $2",
  countNotes: "select count(*)::int as n from notes where id between $1 and $2",
} as const;
