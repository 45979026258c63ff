/**
 * What the portals' role may do, and what it needs it for: what the queries of this package do. Row-level security says
 * with which rows. A test holds the catalog to it.
 *
 * UPDATE names its columns, also because UPDATE and DELETE of a whole table allow LOCK TABLE, which stops every tenant.
 * SELECT ... FOR UPDATE wants UPDATE of some column: where nothing is updated, of `tenant_id`, whose one value is the
 * tenant's own.
 */
export const TABLE_GRANTS: Readonly<Record<string, readonly string[]>> = {
  // Rows come in with the example data, as the portals' role; nothing changes them since.
  tenants: ["select", "insert"],
  /** Passwords are set through a function. */
  staff: ["select", "insert", "update (role, disabled_at)"],
  staff_links: ["select", "insert"],
  developments: ["select", "insert", "update (name, address, stage, archived_at)"],
  units: ["select", "insert", "update (label, kind, bedrooms, floor_area_m2, handover_on, archived_at)"],
  /** Locked while a code is issued; removed through a function. */
  homeowners: ["select", "insert", "update (tenant_id, name, email)"],
  /** What was done stays done. */
  activity: ["select", "insert"],

  onboarding_codes: [
    "select",
    "insert",
    "update (used_at, revoked_at, mails, mail_claims, mail_state, mail_at)",
  ],
  sessions: ["select", "insert", "update (revoked_at, last_seen_at, devices_seen_at)"],
  sign_in_links: ["select", "insert", "update (used_at)"],
  second_factors: ["select", "insert", "update (sealed_secret, confirmed_at, last_step, recovery_hashes)"],

  documents: [
    "select",
    "insert",
    "update (development_id, title, indexed_at, indexing_since, page_count, outline, deleted_at, replaced_by)",
  ],
  /** Made anew when a document is indexed. */
  document_chunks: ["select", "insert", "delete"],
  document_pages: ["select", "insert", "delete"],
  document_terms: ["select", "insert", "delete"],
  development_words: ["select", "insert"],

  chat_threads: ["select", "insert", "update (title, titled_by, updated_at)", "delete"],
  /** A question is locked while somebody sees to its answer; an answer that was given up is deleted. */
  messages: ["select", "insert", "update (tenant_id)", "delete"],
  tool_calls: ["select", "insert", "delete"],
  unanswered: ["select", "insert"],

  // Only through the functions.
  tenant_directory: [],
  rate_limits: [],
};

/** Functions of the migrations that run as the tables' owner. */
export const FUNCTION_GRANTS: readonly string[] = [
  "directory_find(text)",
  "directory_find_all(text)",
  "directory_add(text, text)",
  "directory_add_home(text)",
  "directory_remove(text[])",
  "directory_replace(text[], text[])",
  "directory_tenants(uuid, integer)",
  "attempts_count(text, integer)",
  "attempts_forgive(text)",
  "attempts_forget(text)",
  "attempts_delete_expired(integer)",
  "sessions_delete_spent(integer)",
  "sign_in_links_delete_spent(integer)",
  "onboarding_codes_delete_spent(integer)",
  "homeowner_remove(uuid)",
  "documents_delete_spent(integer)",
  "unanswered_delete_spent(integer)",
  "staff_set_password(uuid, text)",
];

/** Powers that Postgres gives to everybody, and the portals do not need. Only a superuser can take them away. */
export const FUNCTIONS_OF_NOBODY: Readonly<Record<string, RegExp["source"]>> = {
  "large objects, which no policy covers": "^(lo_.*|loread|lowrite)$",
  "ending other connections and their statements": "^pg_(terminate|cancel)_backend$",
  // Not those that let go: the pool's reset does that.
  "advisory locks": "^pg_(try_)?advisory_(xact_)?lock(_shared)?$",
};

/**
 * Settings of the role, in this database: bounds for what the pool's own deadlines do not end, such as statements of a
 * process that is gone. A role that has one already keeps it.
 */
export const ROLE_SETTINGS: Readonly<Record<string, string>> = {
  statement_timeout: "5min",
  idle_in_transaction_session_timeout: "1min",
  client_connection_check_interval: "10s",
  temp_file_limit: "1GB",
};

/** What queries call beside Postgres' own, by name: these leave nothing behind in a session. `similarity` is pg_trgm's. */
export const OWN_FUNCTIONS: readonly string[] = [
  ...FUNCTION_GRANTS.map((signature) => signature.slice(0, signature.indexOf("("))),
  "similarity",
];
