import { createHmac } from "node:crypto";
import { keyFor } from "@openhouse/db/auth-secret";
import { everyLineLog } from "./log.ts";

/** What is told of who came in, who did not, and what was given or taken. docs/operating/security-log.md explains each. */
export type SecurityEvent =
  | "auth.sign_in"
  | "auth.refused"
  | "auth.limited"
  | "auth.link_issued"
  | "auth.password_changed"
  | "code.issued"
  | "code.mailed"
  | "code.redeemed"
  | "code.link_sent"
  | "code.link_refused"
  | "code.link_redeemed"
  | "code.withdrawn"
  | "code.issued_for_open_home"
  | "role.forbidden"
  | "role.changed"
  | "session.started"
  | "session.ended";

/** What a line may say. There is no field for a secret, a code, a name or an e-mail address: none is ever logged. */
export interface SecurityFields {
  readonly portal?: "developer" | "tenant" | undefined;
  /** The company's id. */
  readonly tenant?: string | undefined;
  /** Who did it: the id of a member of staff or of a homeowner. */
  readonly subject?: string | undefined;
  /** To whom it was done, where that is somebody else: their id. */
  readonly target?: string | undefined;
  /** The client's, of `clientAddress()`. A keyed hash of it is written: equal ones can be told, and nobody found. */
  readonly address?: string | undefined;
  /** The e-mail address that was tried, whether or not there is such an account; hashed as addresses are. */
  readonly account?: string | undefined;
  /** The ids of the sessions that it is about. */
  readonly sessions?: readonly string[] | undefined;
  /** The browser of a session, and the system that it runs on, by their names alone. */
  readonly browser?: string | null | undefined;
  readonly system?: string | null | undefined;
  /** Why, in one word of ours, such as `wrong_password`. */
  readonly reason?: string | undefined;
}

/** Those that somebody may want to be woken for. */
const WARNINGS: ReadonlySet<SecurityEvent> = new Set(["auth.refused", "auth.limited", "role.forbidden"]);

const log = everyLineLog<SecurityEvent>();

/** Writes one line of the security log. Never throws: what it is about has happened, and goes on. */
export function securityLog(event: SecurityEvent, fields: SecurityFields): void {
  const { address, account, ...plain } = fields;
  try {
    const line = {
      ...plain,
      ...(address !== undefined && { address: hashed("address", address) }),
      ...(account !== undefined && { account: hashed("account", account) }),
    };
    if (WARNINGS.has(event)) log.warn(event, line);
    else log.info(event, line);
  } catch {
    // A log that cannot be written to is the operator's to notice, and no reason to refuse a visitor.
  }
}

/** 16 hexadecimal digits: enough to tell clients apart. The same as long as `AUTH_SECRET` is. */
function hashed(what: "address" | "account", value: string): string {
  return createHmac("sha256", keyFor("security log")).update(`${what}:${value}`).digest("hex").slice(0, 16);
}
