import { signingFor, tenantToken } from "@openhouse/db/signing";
import { asSuperuser } from "@openhouse/pool-testing";
import { faultOf } from "@openhouse/tooling/measure/ledger";
import type { Writes } from "./results.ts";

/** What the database was found to hold, against what the callers were told. */
export interface LedgerFindings {
  readonly acknowledged: { readonly answers: number; readonly redemptions: number };
  /** Sent, and the caller never heard that it was done: it may be there, once. */
  readonly unacknowledged: { readonly messages: number; readonly scans: number };
  /** Acknowledged and not there, or there in another form. */
  readonly lost: readonly string[];
  /** There more often than once, or by halves. */
  readonly doubled: readonly string[];
}

interface MessageRow {
  readonly id: string;
  readonly thread_id: string;
  readonly role: string;
  readonly status: string;
  readonly client_message_id: string | null;
  readonly reply_to_id: string | null;
  readonly text_md5: string;
  readonly code: string;
}

interface CodeRow {
  readonly code: string;
  readonly used: boolean;
  readonly sessions: readonly string[];
}

/** Reads a tenant's rows and holds them against what was written. */
export async function checkLedger(appUrl: string, tenantId: string, writes: Writes): Promise<LedgerFindings> {
  return asSuperuser(appUrl, async (client) => {
    const token = tenantToken(client, tenantId, signingFor(appUrl));
    await client.query("select set_config('app.tenant', $1, false)", [token]);
    const messages = (await client.query<MessageRow>(MESSAGES)).rows;
    const codes = (await client.query<CodeRow>(CODES)).rows;
    return compareLedger(messages, codes, writes);
  });
}

const MESSAGES = `
  select m.id, m.thread_id, m.role, m.status, m.client_message_id, m.reply_to_id, md5(m.body) as text_md5, c.code
    from messages m
    join chat_threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
    join onboarding_codes c on c.tenant_id = t.tenant_id and c.homeowner_id = t.homeowner_id
   where m.tenant_id = guard.tenant()`;

const CODES = `
  select c.code, c.used_at is not null as used,
         coalesce(array_agg(s.id::text) filter (where s.id is not null), '{}') as sessions
    from onboarding_codes c
    left join sessions s on s.tenant_id = c.tenant_id and s.homeowner_id = c.homeowner_id
   where c.tenant_id = guard.tenant()
   group by c.tenant_id, c.id`;

/** The comparison, on plain rows. */
export function compareLedger(
  messages: readonly MessageRow[],
  codes: readonly CodeRow[],
  { turns, scans }: Writes,
): LedgerFindings {
  const faults = { lost: [] as string[], doubled: [] as string[] };
  const note = (what: string, isAcknowledged: boolean, found: number) => {
    const fault = faultOf(isAcknowledged ? "done" : "unknown", 1, found);
    if (fault === "lost" || fault === "doubled") faults[fault].push(`${what} is there ${found} times`);
  };
  const asked = new Map<string, MessageRow[]>();
  const replies = new Map<string | null, MessageRow[]>();
  for (const row of messages) {
    if (row.role === "user") push(asked, `${row.thread_id} ${row.client_message_id}`, row);
    else if (row.role === "assistant") push(replies, row.reply_to_id, row);
  }
  for (const { threadId, clientMessageId, code, answer } of turns) {
    const key = `${threadId} ${clientMessageId}`;
    const sent = asked.get(key) ?? [];
    asked.delete(key);
    note(`message ${clientMessageId}`, answer !== null, sent.length);
    const [question] = sent;
    if (question === undefined) continue;
    const answers = replies.get(question.id) ?? [];
    note(`the answer to ${clientMessageId}`, answer !== null, answers.length);
    const kept = answers.find(({ id }) => id === answer?.id);
    if (answer === null || answers.length === 0) continue;
    if (question.code !== code) faults.lost.push(`message ${clientMessageId} is another homeowner's`);
    else if (kept?.status !== "complete" || kept.text_md5 !== answer.textMd5)
      faults.lost.push(
        `the answer to ${clientMessageId} is kept in another form: ${kept?.status ?? "no such id"}`,
      );
  }
  if (asked.size > 0) faults.doubled.push(`${asked.size} messages that nobody has sent`);

  const found = new Map(codes.map((row) => [row.code, row]));
  for (const { code, sessionId } of scans) {
    const { used, sessions = [] } = found.get(code) ?? {};
    const isKept = used && (sessionId === null || sessions.includes(sessionId));
    note("the redemption of a code", sessionId !== null, isKept ? sessions.length : 0);
    if (used !== sessions.length > 0)
      faults.doubled.push("a code is used up with nobody let in, or the reverse");
  }
  const answers = turns.filter(({ answer }) => answer !== null).length;
  const redemptions = scans.filter(({ sessionId }) => sessionId !== null).length;
  return {
    acknowledged: { answers, redemptions },
    unacknowledged: { messages: turns.length - answers, scans: scans.length - redemptions },
    ...faults,
  };
}

function push<Key, Row>(groups: Map<Key, Row[]>, key: Key, row: Row): void {
  const rows = groups.get(key) ?? [];
  groups.set(key, rows);
  rows.push(row);
}
