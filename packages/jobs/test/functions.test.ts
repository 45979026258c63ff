import { randomUUID } from "node:crypto";
import { InngestTestEngine } from "@inngest/test";
import { forTenant } from "@openhouse/db/client";
import { findThread, renameThread } from "@openhouse/db/queries/chat-threads";
import { addDocument, type DocumentListing, listDocuments } from "@openhouse/db/queries/documents";
import { openThread } from "@openhouse/db/test-support/conversation";
import { usePortalDatabase as portalDatabase } from "@openhouse/db/test-support/portal-database";
import { withServer } from "@openhouse/db/test-support/template";
import { AMELIA, CALLUM, COOPERS_QUAY, HARBOUR, NORTHGATE } from "@openhouse/db/test-support/tenants";
import { describe, expect, test, vi } from "vitest";
import { cleanUpNightly, cleanUpTenant } from "../src/functions/clean-up.ts";
import { indexUploadedDocument } from "../src/functions/index-document.ts";
import { sweep } from "../src/functions/sweep.ts";
import { titleThreadWhenIdle } from "../src/functions/title-thread.ts";
import { log } from "../src/log.ts";

const database = portalDatabase();
const asSuperuser = (statement: string, values: unknown[] = []) =>
  withServer(database().superuserUrl, async (server) => (await server.query(statement, values)).rows);

const harbour = () => forTenant(HARBOUR);
const upload = {
  developmentId: COOPERS_QUAY,
  title: "Roof garden",
  fileName: "roof-garden.md",
  mediaType: "text/markdown",
  body: "# Roof garden\n\nOpen from dawn.\n\n## Barbecues\n\nElectric ones only.",
  uploadedBy: AMELIA,
} as const;

type Job = InngestTestEngine.Options["function"];
const run = (job: Job, name: string, data: unknown) =>
  new InngestTestEngine({ function: job, events: [{ name, data: Object(data) }] }).execute();
const runCron = (job: Job) => run(job, "inngest/scheduled.timer", {});

const NOBODY = randomUUID();

describe("an uploaded document", () => {
  const index = (data: unknown) => run(indexUploadedDocument, "document/uploaded", data);
  const listed = async (id: string): Promise<DocumentListing | undefined> =>
    (await listDocuments(harbour())).find((document) => document.id === id);

  test("is indexed, and indexing it again, or only its step, leaves the same", async () => {
    const documentId = await addDocument(harbour(), upload);
    expect(await listed(documentId)).toMatchObject({ indexedAt: null, chunkCount: 0 });
    const data = { tenantId: HARBOUR, documentId };
    expect((await index(data)).result).toEqual({ outcome: "indexed", passages: 2 });
    const chunks = "select position, body from document_chunks where document_id = $1 order by position";
    const once = await asSuperuser(chunks, [documentId]);
    expect(once).toHaveLength(2);
    const engine = new InngestTestEngine({
      function: indexUploadedDocument,
      events: [{ name: "document/uploaded", data }],
    });
    expect((await engine.executeStep("index")).result).toBe(2);
    expect((await index(data)).result).toEqual({ outcome: "indexed", passages: 2 });
    expect(await asSuperuser(chunks, [documentId])).toEqual(once);
    expect((await listed(documentId))?.indexedAt).toBeInstanceOf(Date);
  });

  test.each([
    ["another tenant", NORTHGATE, undefined],
    ["a tenant that there is not", NOBODY, undefined],
    ["a document that is gone", HARBOUR, NOBODY],
  ])("named by an event for %s is left alone, and the run ends calmly", async (_what, tenantId, gone) => {
    const documentId = await addDocument(harbour(), upload);
    const { result, error } = await index({ tenantId, documentId: gone ?? documentId });
    expect({ result, error }).toEqual({ result: { outcome: "gone" }, error: undefined });
    expect(await listed(documentId)).toMatchObject({ indexedAt: null, chunkCount: 0 });
  });

  test.each([undefined, {}, { tenantId: HARBOUR }, { tenantId: "'; drop table", documentId: NOBODY }])(
    "an event that says %j is ignored",
    async (data) => {
      expect((await index(data)).result).toEqual({ outcome: "malformed" });
    },
  );

  test("that cannot be indexed tells the executor what kind of trouble it is, and nothing of its text", async () => {
    const documentId = await addDocument(harbour(), upload);
    await asSuperuser(
      "alter table document_chunks add constraint broken check (heading <> 'Barbecues') not valid",
    );
    try {
      const { error } = await index({ tenantId: HARBOUR, documentId });
      expect(error).toMatchObject({ message: expect.stringContaining("the job failed: ") });
      expect(JSON.stringify(error)).not.toMatch(/Barbecues|insert into|Electric/);
    } finally {
      await asSuperuser("alter table document_chunks drop constraint broken");
    }
    expect(await listed(documentId)).toMatchObject({ indexedAt: null, chunkCount: 0 });
  });
});

describe("a thread that has gone quiet", () => {
  const spoken = (threadId: string, at = new Date(), tenantId = HARBOUR) =>
    run(titleThreadWhenIdle, "thread/message.created", { tenantId, threadId, at: at.toISOString() });
  const thread = (threadId: string) => findThread(harbour(), { threadId, homeownerId: CALLUM });
  const ask = (body: string) => openThread(harbour(), CALLUM, body);

  test("gets a title from its question, once", async () => {
    const threadId = await ask("Hi! Could you tell me how to bleed the radiator in our bathroom, please?");
    expect((await spoken(threadId)).result).toEqual({ outcome: "titled" });
    const titled = { title: "Bleed the radiator in our bathroom", titledBy: "job" };
    expect(await thread(threadId)).toMatchObject(titled);
    expect((await spoken(threadId)).result).toEqual({ outcome: "left as it is" });
    expect(await thread(threadId)).toMatchObject(titled);
  });

  test("keeps the name that its homeowner gave it", async () => {
    const threadId = await ask("Where is the stopcock?");
    await renameThread(harbour(), { threadId, homeownerId: CALLUM, title: "Water" });
    expect((await spoken(threadId)).result).toEqual({ outcome: "left as it is" });
    expect(await thread(threadId)).toMatchObject({ title: "Water", titledBy: "homeowner" });
  });

  test("but was spoken in since waits for the event of that", async () => {
    const threadId = await ask("Where is the stopcock?");
    const early = new Date(Date.now() - 10 * 60_000);
    expect((await spoken(threadId, early)).result).toEqual({ outcome: "left as it is" });
    expect(await thread(threadId)).toMatchObject({ titledBy: "opening" });
  });

  test("is another tenant's business only", async () => {
    const threadId = await ask("Where is the stopcock?");
    for (const tenantId of [NORTHGATE, NOBODY])
      expect((await spoken(threadId, new Date(), tenantId)).result).toEqual({ outcome: "left as it is" });
    expect(
      (await run(titleThreadWhenIdle, "thread/message.created", { tenantId: HARBOUR, threadId, at: "soon" }))
        .result,
    ).toEqual({
      outcome: "malformed",
    });
    expect(await thread(threadId)).toMatchObject({ titledBy: "opening" });
  });
});

describe("the sweep", () => {
  const dated = async (table: string, column: string, id: string) =>
    asSuperuser(`update ${table} set ${column} = now() - interval '1 hour' where id = $1`, [id]);

  test("does what lost events were about, past one that cannot be done; a second one finds nothing", async () => {
    await runCron(sweep);
    const poison = await addDocument(harbour(), { ...upload, body: "# Poison\n\nCannot be indexed." });
    const documentId = await addDocument(harbour(), upload);
    const recent = await addDocument(harbour(), upload);
    for (const id of [poison, documentId]) await dated("documents", "created_at", id);
    const threadId = await openThread(harbour(), CALLUM, "When are the bins collected?");
    await dated("chat_threads", "updated_at", threadId);
    await asSuperuser(
      "alter table document_chunks add constraint broken check (heading <> 'Poison') not valid",
    );
    const warn = vi.spyOn(log, "warn").mockImplementation(() => {});

    expect((await runCron(sweep)).result).toEqual({ documents: 1, threads: 1 });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      "jobs.sweep_failed",
      expect.objectContaining({ id: poison }),
    );
    const waiting = (await listDocuments(harbour())).filter(({ indexedAt }) => indexedAt === null);
    expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining([poison, recent]));
    expect(waiting.map(({ id }) => id)).not.toContain(documentId);
    const title = await findThread(harbour(), { threadId, homeownerId: CALLUM });
    expect(title).toMatchObject({ title: "Bins collected", titledBy: "job" });

    await asSuperuser("alter table document_chunks drop constraint broken");
    expect((await runCron(sweep)).result).toEqual({ documents: 1, threads: 0 });
    expect((await runCron(sweep)).result).toEqual({ documents: 0, threads: 0 });
    warn.mockRestore();
  });
});

describe("the nightly clean-up", () => {
  test("asks for a run of each tenant's own", async () => {
    const asked: unknown[] = [];
    const engine = new InngestTestEngine({
      function: cleanUpNightly,
      events: [{ name: "inngest/scheduled.timer" }],
      steps: [{ id: "ask tenants after none", handler: () => asked.push("asked") }],
    });
    const { result, ctx } = await engine.execute();
    expect(result).toEqual({ rateLimits: 0, tenants: 2 });
    expect(asked).toEqual(["asked"]);
    const events = [HARBOUR, NORTHGATE]
      .sort()
      .map((tenantId) => ({ name: "tenant/clean-up", data: { tenantId } }));
    expect(ctx.step.sendEvent).toHaveBeenCalledWith("ask tenants after none", events);
  });

  test("deletes what ended long ago of the tenant alone; again, and for nobody's tenant, it deletes nothing", async () => {
    const old = "values ($1, $2, now() - interval '31 days')";
    for (const [tenantId, homeowner] of await asSuperuser(
      "select distinct on (tenant_id) tenant_id, id from homeowners order by tenant_id, id",
    ).then((rows) => rows.map(({ tenant_id, id }) => [tenant_id, id]))) {
      await asSuperuser(`insert into sessions (tenant_id, homeowner_id, expires_at) ${old}`, [
        tenantId,
        homeowner,
      ]);
      await asSuperuser(
        "insert into sign_in_links (tenant_id, homeowner_id, token_hash, expires_at) values ($1, $2, 'h', now() - interval '2 days')",
        [tenantId, homeowner],
      );
      await asSuperuser(
        `insert into unanswered (tenant_id, homeowner_id, development_id, kind, body, created_at)
           select $1, h.id, u.development_id, 'search', days || ' days ago', now() - days * interval '1 day'
             from homeowners h join units u on u.id = h.unit_id, unnest(array[89, 91]) days where h.id = $2`,
        [tenantId, homeowner],
      );
    }
    const clean = async (tenantId: string) =>
      (await run(cleanUpTenant, "tenant/clean-up", { tenantId })).result;
    const sessionsOf = (tenantId: string) =>
      asSuperuser("select id from sessions where tenant_id = $1", [tenantId]);

    expect(await clean(HARBOUR)).toMatchObject({ outcome: "cleaned", sessions: 1, links: 1, unanswered: 1 });
    expect(await asSuperuser("select tenant_id, body from unanswered order by body")).toEqual(
      expect.arrayContaining([
        { tenant_id: HARBOUR, body: "89 days ago" },
        { tenant_id: NORTHGATE, body: "91 days ago" },
      ]),
    );
    expect(await asSuperuser("select from unanswered where body like '91%'")).toHaveLength(1);
    expect(await sessionsOf(HARBOUR)).toEqual([]);
    expect(await sessionsOf(NORTHGATE)).toHaveLength(1);
    for (const tenantId of [HARBOUR, NOBODY])
      expect(await clean(tenantId)).toEqual({
        outcome: "cleaned",
        sessions: 0,
        codes: 0,
        documents: 0,
        links: 0,
        unanswered: 0,
      });
    expect(await clean("everybody")).toEqual({ outcome: "malformed" });
  });
});
