import { desc, eq } from "drizzle-orm";
import type { Database } from "../database.ts";
import { only } from "../only.ts";
import { chatThreads } from "../schema/index.ts";

export interface ThreadListing {
  id: string;
  title: string;
  createdAt: Date;
  updatedAt: Date;
}

/** A homeowner's conversations, the one spoken in last first. */
export function listThreads(
  db: Database,
  { homeownerId, limit = 50 }: { homeownerId: string; limit?: number },
): Promise<ThreadListing[]> {
  return db
    .select({
      id: chatThreads.id,
      title: chatThreads.title,
      createdAt: chatThreads.createdAt,
      updatedAt: chatThreads.updatedAt,
    })
    .from(chatThreads)
    .where(eq(chatThreads.homeownerId, homeownerId))
    .orderBy(desc(chatThreads.updatedAt))
    .limit(limit);
}

/** Answers the new thread's id. Throws 23503 where the homeowner is not this tenant's. */
export async function createThread(
  db: Database,
  thread: { homeownerId: string; title: string },
): Promise<string> {
  return only(await db.insert(chatThreads).values(thread).returning({ id: chatThreads.id })).id;
}
