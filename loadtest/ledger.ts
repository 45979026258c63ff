import { asSuperuser } from "@openhouse/pool-testing";
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
    await client.query("select set_config('app.tenant_id', $1, false)", [tenantId]);
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
   where m.tenant_id = current_setting('app.tenant_id')::uuid`;

const CODES = `
  select c.code, c.used_at is not null as used,
         coalesce(array_agg(s.id::text) filter (where s.id is not null), '{}') as sessions
    from onboarding_codes c
    left join sessions s on s.tenant_id = c.tenant_id and s.homeowner_id = c.homeowner_id
   where c.tenant_id = current_setting('app.tenant_id')::uuid
   group by c.tenant_id, c.id`;

/** The comparison, on plain rows. */
export function compareLedger(
  messages: readonly MessageRow[],
  codes: readonly CodeRow[],
  { turns, scans }: Writes,
): LedgerFindings {
  const lost: string[] = [];
  const doubled: string[] = [];
  const asked = group(
    messages.filter(({ role }) => role === "user"),
    ({ thread_id, client_message_id }) => `${thread_id} ${client_message_id}`,
  );
  const replies = group(
    messages.filter(({ role }) => role === "assistant"),
    ({ reply_to_id }) => reply_to_id ?? "",
  );
  for (const { threadId, clientMessageId, code, answer } of turns) {
    const key = `${threadId} ${clientMessageId}`;
    const sent = asked.get(key) ?? [];
    asked.delete(key);
    if (sent.length > 1) doubled.push(`message ${clientMessageId} is there ${sent.length} times`);
    const [question] = sent;
    const answers = question === undefined ? [] : (replies.get(question.id) ?? []);
    if (answers.length > 1) doubled.push(`message ${clientMessageId} has ${answers.length} answers`);
    if (answer === null) continue;
    const kept = answers.find(({ id }) => id === answer.id);
    if (question === undefined) lost.push(`message ${clientMessageId} was answered and is not there`);
    else if (question.code !== code) lost.push(`message ${clientMessageId} is another homeowner's`);
    else if (kept === undefined) lost.push(`the answer to ${clientMessageId} is not there`);
    else if (kept.status !== "complete")
      lost.push(`the answer to ${clientMessageId} is kept as ${kept.status}`);
    else if (kept.text_md5 !== answer.textMd5) lost.push(`the answer to ${clientMessageId} has another text`);
  }
  if (asked.size > 0) doubled.push(`${asked.size} messages that nobody has sent`);

  const found = new Map(codes.map((row) => [row.code, row]));
  for (const { code, sessionId } of scans) {
    const row = found.get(code);
    const sessions = row?.sessions ?? [];
    if (sessionId !== null && (!row?.used || !sessions.includes(sessionId)))
      lost.push(`the redemption of a code`);
    if (sessions.length > 1) doubled.push(`a code opened ${sessions.length} sessions`);
    if (row?.used !== sessions.length > 0)
      doubled.push("a code is used up with nobody let in, or the reverse");
  }
  const answers = turns.filter(({ answer }) => answer !== null).length;
  const redemptions = scans.filter(({ sessionId }) => sessionId !== null).length;
  return {
    acknowledged: { answers, redemptions },
    unacknowledged: { messages: turns.length - answers, scans: scans.length - redemptions },
    lost,
    doubled,
  };
}

function group<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const rest = groups.get(key);
    if (rest === undefined) groups.set(key, [row]);
    else rest.push(row);
  }
  return groups;
}
