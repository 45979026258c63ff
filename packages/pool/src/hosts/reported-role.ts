import type pg from "pg";
import { onReported } from "../pg/internals.ts";
import type { Host, HostRole } from "./host.ts";
import type { Hosts, SeenHost } from "./hosts.ts";

/** Of servers before PostgreSQL 14, which do not report it. */
const ASK =
  "select pg_catalog.pg_is_in_recovery() as standby, pg_catalog.current_setting('default_transaction_read_only')::boolean as read_only";

/** What a server reports of its role while it signs somebody in, and whenever that changes. Call it before the connect. */
export class ReportedRole {
  readonly #client: pg.ClientBase;
  #role: HostRole = "unknown";
  #isReadOnlyByDefault: boolean | undefined;
  /** Of the server itself: what a session sets for itself is reported likewise. */
  #isSignedIn = false;

  constructor(client: pg.ClientBase, onChange: (seen: SeenHost) => void = () => {}) {
    this.#client = client;
    onReported(client, (name, value) => {
      if (name === "default_transaction_read_only" && !this.#isSignedIn)
        this.#isReadOnlyByDefault = value === "on";
      if (name !== "in_hot_standby") return;
      this.#role = value === "on" ? "standby" : "primary";
      if (this.#isSignedIn) onChange(this.#seen);
    });
  }

  get #seen(): SeenHost {
    return { role: this.#role, isReadOnlyByDefault: this.#isReadOnlyByDefault };
  }

  /**
   * Judges the server that has signed us in.
   *
   * @throws {WrongRoleError} it is not the one that is wanted.
   */
  async admit(hosts: Hosts, host: Host): Promise<void> {
    this.#isSignedIn = true;
    if (this.#role === "unknown" && hosts.target !== "any") {
      const { rows } = await this.#client.query<{ standby: boolean; read_only: boolean }>(ASK);
      this.#role = rows[0]?.standby === true ? "standby" : "primary";
      this.#isReadOnlyByDefault = rows[0]?.read_only === true;
    }
    hosts.admit(host, this.#seen);
  }
}
