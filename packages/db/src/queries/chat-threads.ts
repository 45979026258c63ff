import type { Query } from "@openhouse/pool/drizzle";
import { and, desc, eq, lte, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { prepareFor } from "../prepare-for.ts";
import { chatThreads, homeowners, type TitleSource, units } from "../schema/index.ts";
import { asUuid, isUuid } from "../uuid.ts";

export interface ThreadListing {
  id: string;
  title: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface Thread extends ThreadListing {
  titledBy: TitleSource;
}

/** Names a thread as its owner may see it. */
export interface OwnThread {
  threadId: string;
  homeownerId: string;
}

const LISTED = {
  id: chatThreads.id,
  title: chatThreads.title,
  createdAt: chatThreads.createdAt,
  updatedAt: chatThreads.updatedAt,
};

const threadsOf = prepareFor((db) =>
  db
    .select(LISTED)
    .from(chatThreads)
    .where(eq(chatThreads.homeownerId, sql.placeholder("homeownerId")))
    .orderBy(desc(chatThreads.updatedAt))
    .limit(sql.placeholder("limit")),
);

/** A homeowner's conversations, the one spoken in last first. */
export function listThreads(
  db: Database,
  { homeownerId, limit = 50 }: { homeownerId: string; limit?: number },
): Query<ThreadListing[]> {
  return threadsOf(db, { homeownerId, limit });
}

const ownThread = prepareFor((db) =>
  db
    .select({ ...LISTED, titledBy: chatThreads.titledBy })
    .from(chatThreads)
    .where(
      and(
        eq(chatThreads.id, sql.placeholder("threadId")),
        eq(chatThreads.homeownerId, sql.placeholder("homeownerId")),
      ),
    ),
);

/** One of the homeowner's own conversations; null when there is none of that id. */
export function findThread(db: Database, { threadId, homeownerId }: OwnThread): Query<Thread | null> {
  return ownThread(db, { threadId: asUuid(threadId), homeownerId }).map(([thread]) => thread ?? null);
}

/** A homeowner: where they live, and the thread they go on with. */
export interface ThreadOwner {
  developmentId: string;
  /** Null where the homeowner has no thread of that id. */
  thread: Thread | null;
}

const threadOwner = prepareFor((db) =>
  db
    .select({ developmentId: units.developmentId, thread: { ...LISTED, titledBy: chatThreads.titledBy } })
    .from(homeowners)
    .innerJoin(units, and(eq(units.tenantId, homeowners.tenantId), eq(units.id, homeowners.unitId)))
    .leftJoin(
      chatThreads,
      and(
        eq(chatThreads.tenantId, homeowners.tenantId),
        eq(chatThreads.homeownerId, homeowners.id),
        eq(chatThreads.id, sql.placeholder("threadId")),
      ),
    )
    .where(eq(homeowners.id, sql.placeholder("homeownerId"))),
);

/** A homeowner with one of their threads, in one statement; null when there is no such homeowner. */
export function findThreadOwner(
  db: Database,
  { threadId, homeownerId }: OwnThread,
): Query<ThreadOwner | null> {
  const ids = { threadId: asUuid(threadId), homeownerId: asUuid(homeownerId) };
  return threadOwner(db, ids).map(([owner]) => owner ?? null);
}

/** Gives a thread the title that its owner wants; no job changes it from then on. False where there is no such thread. */
export async function renameThread(
  db: Database,
  { threadId, homeownerId, title }: OwnThread & { title: string },
): Promise<boolean> {
  if (!isUuid(threadId)) return false;
  const renamed = await db
    .update(chatThreads)
    .set({ title, titledBy: "homeowner" })
    .where(and(eq(chatThreads.id, threadId), eq(chatThreads.homeownerId, homeownerId)))
    .returning({ id: chatThreads.id });
  return renamed.length === 1;
}

/** Deletes a thread with all that was said in it. False where there is no such thread. */
export async function deleteThread(db: Database, { threadId, homeownerId }: OwnThread): Promise<boolean> {
  if (!isUuid(threadId)) return false;
  const deleted = await db
    .delete(chatThreads)
    .where(and(eq(chatThreads.id, threadId), eq(chatThreads.homeownerId, homeownerId)))
    .returning({ id: chatThreads.id });
  return deleted.length === 1;
}

/**
 * Gives a thread a better title than its first words, where nobody has named it and nobody has spoken in it since
 * `idleSince`. False where that is not so, and nothing changed.
 */
export async function titleThread(
  db: Database,
  { threadId, title, idleSince }: { threadId: string; title: string; idleSince: Date },
): Promise<boolean> {
  if (!isUuid(threadId)) return false;
  const titled = await db
    .update(chatThreads)
    .set({ title, titledBy: "job" })
    .where(
      and(
        eq(chatThreads.id, threadId),
        eq(chatThreads.titledBy, "opening"),
        lte(chatThreads.updatedAt, idleSince),
      ),
    )
    .returning({ id: chatThreads.id });
  return titled.length === 1;
}
