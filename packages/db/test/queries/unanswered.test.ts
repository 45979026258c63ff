import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import { keepAnswer } from "../../src/queries/answers.ts";
import { archive, restore } from "../../src/queries/archive.ts";
import { deleteThread } from "../../src/queries/chat-threads.ts";
import { removeHomeowner } from "../../src/queries/homeowner-changes.ts";
import { openWithQuestion, replaceLastQuestion } from "../../src/queries/questions.ts";
import { listUnanswered, noteSearchInVain } from "../../src/queries/unanswered.ts";
import { unanswered } from "../../src/schema/index.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import {
  AMELIA,
  BETH,
  CALLUM,
  COOPERS_QUAY,
  FOUNDRY,
  HARBOUR,
  NORTHGATE,
  ORCHARD_RISE,
  PRIYA,
} from "../support/tenants.ts";

usePortalDatabase();

const harbour = () => forTenant(HARBOUR);
const search = (query: string, homeownerId = PRIYA) =>
  noteSearchInVain(harbour(), { developmentId: COOPERS_QUAY, homeownerId, query });
const list = async (search = {}, tenantId = HARBOUR) =>
  (await listUnanswered(forTenant(tenantId), { limit: 10, ...search })).map(
    ({ developmentName, kind, body, homeowners, times }) =>
      [developmentName, kind, body, homeowners, times].join(" | "),
  );

async function ask(body: string, nothingKnown: boolean, homeownerId = PRIYA) {
  const lookup = { id: randomUUID(), name: "search", input: {}, output: {} };
  const question = { threadId: randomUUID(), homeownerId, clientMessageId: "one", body, lookup, title: "T" };
  const added = await openWithQuestion(harbour(), question);
  const answer = {
    id: randomUUID(),
    replyToId: added?.messageId ?? "",
    body: "?",
    lookups: [],
    nothingKnown,
  };
  // Twice, as after a connection that was lost.
  for (let time = 0; time < 2; time++)
    expect(await keepAnswer(harbour(), { ...answer, status: "complete" })).toBe("stored");
  return question;
}

beforeEach(() => beyondGrants().delete(unanswered));

test("a question is noted with the answer that knows nothing, once, and no other", async () => {
  await ask("Where is the pool?", true);
  await ask("Where are the bins?", false);
  expect(await list()).toEqual(["Cooper's Quay | question | Where is the pool? | 1 | 1"]);
});

test("what is the same but for capitals is counted together, a homeowner's once a day", async () => {
  await search("Swimming pool");
  await search("  swimming POOL ");
  await search("swimming pool", CALLUM);
  await ask("Swimming pool", true);
  await beyondGrants().execute(
    sql`insert into unanswered (tenant_id, homeowner_id, development_id, kind, body, asked_on, created_at)
        values (${HARBOUR}, ${PRIYA}, ${COOPERS_QUAY}, 'search', 'SWIMMING POOL', current_date - 1, now() - interval '1 day')`,
  );
  expect((await list()).sort()).toEqual([
    "Cooper's Quay | question | Swimming pool | 1 | 1",
    "Cooper's Quay | search | swimming pool | 2 | 3",
  ]);
});

test("each development has its latest first, and its pages", async () => {
  for (const query of ["one", "two", "three"]) await search(query);
  const [resident] = await beyondGrants()
    .execute<{ id: string }>(
      sql`select h.id from homeowners h join units u on u.id = h.unit_id where u.development_id = ${ORCHARD_RISE}`,
    )
    .then(({ rows }) => rows);
  const at = { developmentId: ORCHARD_RISE, homeownerId: resident?.id ?? "" };
  await noteSearchInVain(harbour(), { ...at, query: "hedge" });
  expect(await list({ limit: 2 })).toEqual([
    "Cooper's Quay | search | three | 1 | 1",
    "Cooper's Quay | search | two | 1 | 1",
    "Orchard Rise | search | hedge | 1 | 1",
  ]);
  const second = await listUnanswered(harbour(), { developmentId: COOPERS_QUAY, limit: 2, offset: 2 });
  expect(second).toMatchObject([{ body: "one", ofDevelopment: 3, lastAskedAt: expect.any(Date) }]);
  expect(await list({ developmentId: "no id" })).toEqual([]);
});

test("what is older than 90 days, or of an archived development, is not listed", async () => {
  await search("old");
  await beyondGrants().update(unanswered).set({ createdAt: sql`now() - interval '91 days'` });
  await search("new");
  expect(await list()).toEqual(["Cooper's Quay | search | new | 1 | 1"]);
  await archive(harbour(), AMELIA, { developmentId: COOPERS_QUAY, closes: false });
  expect(await list()).toEqual([]);
  await restore(harbour(), AMELIA, { developmentId: COOPERS_QUAY });
  expect(await list()).toHaveLength(1);
});

test("another company sees none of it, and cannot note any for its neighbour", async () => {
  await search("pool");
  expect(await list({}, NORTHGATE)).toEqual([]);
  const theirs = { developmentId: COOPERS_QUAY, homeownerId: BETH, query: "x" };
  expect(await outcomeOf(noteSearchInVain(forTenant(NORTHGATE), theirs))).toBe("23503");
  const ours = { developmentId: FOUNDRY, homeownerId: PRIYA, query: "x" };
  expect(await outcomeOf(noteSearchInVain(forTenant(NORTHGATE), ours))).toBe("23503");
});

test("what a homeowner asked goes with them", async () => {
  await search("pool", CALLUM);
  await removeHomeowner(harbour(), AMELIA, CALLUM);
  expect(await list()).toEqual([]);
});

test("a question goes with the conversation that is deleted, and with the edit that replaces it", async () => {
  await search("pool");
  const { threadId, homeownerId } = await ask("Where is the pool?", true);
  const edited = await ask("Where is the sauna?", true);
  expect(await list()).toHaveLength(3);
  await deleteThread(harbour(), { threadId, homeownerId });
  expect(await list()).not.toContainEqual(expect.stringContaining("Where is the pool?"));
  await replaceLastQuestion(harbour(), {
    ...edited,
    clientMessageId: "two",
    body: "Where are the bins?",
    lookup: { ...edited.lookup, id: randomUUID() },
    replaces: [edited.clientMessageId],
  });
  expect(await list()).toEqual(["Cooper's Quay | search | pool | 1 | 1"]);
});

test("a long text is cut between characters", async () => {
  await search(`x${"🏠".repeat(200)}`);
  await ask(`${"🏠".repeat(400)}`, true);
  const bodies = (await listUnanswered(harbour(), { limit: 10 })).map(({ body }) => body).sort();
  expect(bodies).toEqual([`x${"🏠".repeat(149)}`, "🏠".repeat(300)]);
});
