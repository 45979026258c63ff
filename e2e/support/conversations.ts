import { asSuperuser } from "@openhouse/pool-testing";

/** A stored message, with its thread's title and its tool calls. */
export interface StoredMessage {
  id: string;
  role: string;
  body: string;
  status: string;
  client_message_id: string | null;
  reply_to_id: string | null;
  title: string;
  calls: { id: string; input: unknown; output: unknown; finished: boolean }[];
}

const CONVERSATION = `
  select m.id, m.role, m.body, m.status, m.client_message_id, m.reply_to_id, t.title,
         coalesce((select json_agg(json_build_object('id', c.id, 'input', c.input, 'output', c.output,
                                                     'finished', c.finished_at is not null) order by c.created_at)
                     from tool_calls c where (c.tenant_id, c.message_id) = (m.tenant_id, m.id)), '[]') as calls
    from messages m join chat_threads t on (t.tenant_id, t.id) = (m.tenant_id, m.thread_id)
   where m.thread_id = $1 and ($2::uuid is null or m.tenant_id = $2) order by m.created_at`;

/** What the database has of a thread, oldest first, whoever's it is. */
export function conversationOf(
  serverUrl: string,
  threadId: string,
  tenantId: string | null = null,
): Promise<StoredMessage[]> {
  return asSuperuser(
    serverUrl,
    async (client) => (await client.query<StoredMessage>(CONVERSATION, [threadId, tenantId])).rows,
  );
}
