import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { leavesNothing } from "@openhouse/pool/tenants";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chunkText } from "../src/chunk-text.ts";
import type { Database } from "../src/database.ts";
import { OWN_FUNCTIONS } from "../src/grants.ts";
import { aboutHomeOf, aboutUnit, listActivity, noteActivity } from "../src/queries/activity.ts";
import { keepAnswer } from "../src/queries/answers.ts";
import { archive, restore } from "../src/queries/archive.ts";
import { countAttempt, countUntilOver, forgetAttempts, forgiveAttempt } from "../src/queries/attempts.ts";
import {
  deleteThread,
  findThread,
  findThreadOwner,
  listThreads,
  renameThread,
  titleThread,
} from "../src/queries/chat-threads.ts";
import {
  deleteExpiredRateLimits,
  deleteSpentDocuments,
  deleteSpentOnboardingCodes,
  deleteSpentSessions,
  deleteSpentSignInLinks,
  deleteSpentUnanswered,
  listIdleThreads,
} from "../src/queries/clean-up.ts";
import { claimCodeMail, finishCodeMail, listCodeRecipients } from "../src/queries/code-mails.ts";
import { addDevelopment, changeDevelopment } from "../src/queries/development-changes.ts";
import {
  countArchivedDevelopments,
  findDevelopment,
  listArchivedDevelopments,
  listDevelopments,
} from "../src/queries/developments.ts";
import {
  findTenantByOnboardingCode,
  findTenantByStaffEmail,
  findTenantsByHomeownerEmail,
  listTenants,
} from "../src/queries/directory.ts";
import {
  changeDocument,
  deleteDocument,
  listDeletedDocuments,
  replaceDocument,
  restoreDocument,
  uploadDocument,
} from "../src/queries/document-changes.ts";
import { replaceChunks, searchChunks } from "../src/queries/document-chunks.ts";
import { replacePages } from "../src/queries/document-pages.ts";
import { searchDocuments } from "../src/queries/document-search.ts";
import { indexTerms } from "../src/queries/document-terms.ts";
import {
  addDocument,
  findDocument,
  findDocumentHead,
  findDocumentPage,
  findDocuments,
  findSuccessor,
  indexDocument,
  listDocuments,
  listDocumentsOfHome,
  listUnindexedDocuments,
} from "../src/queries/documents.ts";
import { importHomes } from "../src/queries/home-import.ts";
import { addHomeowner, changeHomeowner, removeHomeowner } from "../src/queries/homeowner-changes.ts";
import { findHome } from "../src/queries/homeowners.ts";
import { closeHomes, countHomeAccess } from "../src/queries/homes.ts";
import { listConversation, listExchange, listMessages, listRecentMessages } from "../src/queries/messages.ts";
import {
  closeHome,
  findOnboardingCode,
  isHomeOpen,
  issueOnboardingCode,
  redeemOnboardingCode,
  revokeOnboardingCodes,
} from "../src/queries/onboarding-codes.ts";
import {
  addQuestion,
  openWithQuestion,
  replaceLastQuestion,
  retryQuestion,
} from "../src/queries/questions.ts";
import {
  beginSecondFactor,
  confirmSecondFactor,
  findSecondFactor,
  listSecondFactors,
  replaceRecoveryCodes,
  resealSecondFactor,
  takeRecoveryCode,
  takeStep,
  turnSecondFactorOff,
} from "../src/queries/second-factors.ts";
import {
  createSession,
  endSessions,
  findActiveSession,
  listNewDevices,
  listSessions,
  noteDevicesSeen,
  noteSessionSeen,
  revokeSession,
} from "../src/queries/sessions.ts";
import {
  addSignInLink,
  endSignInLinks,
  findSignInLink,
  listOpenedHomes,
  redeemSignInLink,
} from "../src/queries/sign-in-links.ts";
import { addStaff, findStaffForSignIn } from "../src/queries/staff.ts";
import {
  changeStaffRole,
  disableStaff,
  enableStaff,
  findStaffAccount,
  findStaffLink,
  inviteStaff,
  listStaff,
  makeOwnLink,
  makeStaffLink,
  setStaffPassword,
} from "../src/queries/staff-accounts.ts";
import { listUnanswered, noteSearchInVain } from "../src/queries/unanswered.ts";
import { addUnit, changeUnit } from "../src/queries/unit-changes.ts";
import {
  countUnits,
  findUnit,
  findUnitOf,
  findUnitPage,
  listOpenCodes,
  listUnits,
  listUnitsById,
} from "../src/queries/units.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { addManyRows } from "./support/many-rows.ts";
import { recorded, rowsTouched } from "./support/recorded.ts";
import { AMELIA, asTenant, CALLUM, COOPERS_QUAY, HARBOUR, NORTHGATE } from "./support/tenants.ts";

let database: TenantDatabase;
let app: pg.Client;
let some: {
  session: string;
  thread: string;
  message: string;
  asker: string;
  code: string;
  link: string;
  document: string;
  unit: string;
  colleague: string;
};

beforeAll(async () => {
  database = await createTenantDatabase();
  app = new pg.Client({ connectionString: database.appUrl });
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await Promise.all([app.connect(), superuser.connect()]);
  try {
    await addManyRows(superuser, HARBOUR);
    await addManyRows(superuser, NORTHGATE);
    await superuser.query("analyze");
    const { rows } = await superuser.query(
      `select (select id from sessions where tenant_id = $1 limit 1) as session,
              question.*,
              (select code from onboarding_codes where tenant_id = $1 and used_at is null limit 1) as code,
              (select token_hash from sign_in_links where tenant_id = $1 limit 1) as link,
              (select id from documents where tenant_id = $1 and development_id = $3 limit 1) as document,
              (select unit_id from homeowners where id = $2) as unit,
              (select id from staff where email = 'person1@many.example' and tenant_id = $1) as colleague
         from (select m.id as message, t.id as thread, t.homeowner_id as asker from messages m
                 join chat_threads t on t.id = m.thread_id where m.tenant_id = $1 limit 1) as question`,
      [HARBOUR, CALLUM, COOPERS_QUAY],
    );
    some = rows[0];
  } finally {
    await superuser.end();
  }
});

afterAll(async () => {
  await app.end();
  await database.drop();
});

interface Use {
  name: string;
  run: (db: Database) => Promise<unknown>;
  /** Statements it may send, however many rows there are. @default 1 */
  statements?: number;
  /** Rows one of its statements may look at in one table. @default 10 */
  rows?: number;
  tenantId?: null;
  /** Statements that cannot be run once more by themselves. */
  unseen?: RegExp;
}

const sessionExpiresAt = new Date(Date.now() + 60_000);
const MANY_PARTS = Array.from({ length: 3_000 }, (_, n) => `# Part ${n}\n\nText ${n}.`).join("\n\n");
const document = {
  developmentId: COOPERS_QUAY,
  title: "T",
  fileName: "t.md",
  mediaType: "text/markdown",
  uploadedBy: AMELIA,
} as const;

const site = { name: "Quayside", address: "1 Quay", stage: "building" } as const;
const home = { label: "Flat 99", kind: "Flat", bedrooms: 2, floorAreaM2: 60, handoverOn: null };
const person = { name: "Nora Field", email: "nora@example.com" };

const question = () => ({
  threadId: some.thread,
  homeownerId: some.asker,
  clientMessageId: "asked",
  body: "How do I bleed a radiator?",
  lookup: { id: randomUUID(), name: "search", input: {}, output: {} },
});
const factor = { staffId: AMELIA, sealedSecret: "sealed" };
const lookups = Array.from({ length: 3 }, () => ({ name: "search", input: {}, output: {} }));
const own = () => ({ threadId: some.thread, homeownerId: some.asker });

/** 1,000 other units, 3,000 other codes, 1,500 other chunks... of this tenant, and as many of another's, are in the way. */
const SPENT = { limit: 10 };
const USES: Use[] = [
  {
    name: "findTenantByStaffEmail",
    tenantId: null,
    run: (db) => findTenantByStaffEmail(db, "amelia@harbourvale.example"),
  },
  {
    name: "findTenantByOnboardingCode",
    tenantId: null,
    run: (db) => findTenantByOnboardingCode(db, some.code),
  },
  {
    name: "findTenantsByHomeownerEmail",
    tenantId: null,
    run: (db) => findTenantsByHomeownerEmail(db, "callum.doyle@example.com"),
  },
  { name: "listOpenedHomes", run: (db) => listOpenedHomes(db, "callum.doyle@example.com") },
  {
    name: "addSignInLink",
    run: (db) => addSignInLink(db, { homeownerId: CALLUM, tokenHash: randomUUID(), validForMs: 1_000 }),
  },
  { name: "findSignInLink", run: (db) => findSignInLink(db, some.link) },
  { name: "redeemSignInLink", run: (db) => redeemSignInLink(db, some.link, { sessionExpiresAt }) },
  { name: "findStaffForSignIn", run: (db) => findStaffForSignIn(db, "amelia@harbourvale.example") },
  {
    name: "addStaff",
    statements: 2,
    run: (db) =>
      addStaff(db, { email: "new@harbourvale.example", name: "N", role: "viewer", passwordHash: "-" }),
  },
  {
    name: "createSession",
    run: (db) => createSession(db, { staffId: AMELIA, expiresAt: new Date(Date.now() + 1_000) }),
  },
  { name: "findActiveSession", run: (db) => findActiveSession(db, some.session) },
  { name: "revokeSession", run: (db) => revokeSession(db, some.session) },
  { name: "noteSessionSeen", run: (db) => noteSessionSeen(db, some.session) },
  { name: "listSessions", run: (db) => listSessions(db, { homeownerId: CALLUM }) },
  { name: "endSessions", run: (db) => endSessions(db, { homeownerId: CALLUM }) },
  {
    name: "listNewDevices",
    run: (db) => listNewDevices(db, { homeownerId: CALLUM, sessionId: some.session }),
  },
  {
    name: "noteDevicesSeen",
    run: (db) => noteDevicesSeen(db, { homeownerId: CALLUM, sessionId: some.session, newest: some.session }),
  },
  { name: "findSecondFactor", run: (db) => findSecondFactor(db, AMELIA) },
  { name: "listSecondFactors", run: (db) => listSecondFactors(db) },
  { name: "resealSecondFactor", run: (db) => resealSecondFactor(db, factor) },
  { name: "beginSecondFactor", run: (db) => beginSecondFactor(db, factor) },
  {
    name: "confirmSecondFactor",
    run: (db) => confirmSecondFactor(db, { staffId: AMELIA, step: 1, recoveryHashes: ["a"] }),
  },
  { name: "takeStep", run: (db) => takeStep(db, { staffId: AMELIA, step: 2 }) },
  { name: "takeRecoveryCode", run: (db) => takeRecoveryCode(db, { staffId: AMELIA, hash: "a" }) },
  {
    name: "replaceRecoveryCodes",
    run: (db) => replaceRecoveryCodes(db, { staffId: AMELIA, recoveryHashes: ["b"] }),
  },
  { name: "turnSecondFactorOff", run: (db) => turnSecondFactorOff(db, AMELIA) },
  { name: "isHomeOpen", run: (db) => isHomeOpen(db, CALLUM) },
  { name: "findDevelopment", run: (db) => findDevelopment(db, COOPERS_QUAY) },
  { name: "listUnits", rows: 20, run: (db) => listUnits(db, COOPERS_QUAY) },
  { name: "listUnitsById", rows: 20, run: (db) => listUnitsById(db, [COOPERS_QUAY]) },
  {
    name: "findUnitPage",
    rows: 40,
    run: (db) => findUnitPage(db, { developmentId: COOPERS_QUAY, text: "flat", code: "open", limit: 50 }),
  },
  {
    name: "findUnitOf",
    run: (db) => findUnitOf(db, { developmentId: COOPERS_QUAY, homeownerId: CALLUM }),
  },
  { name: "countUnits", rows: 40, run: (db) => countUnits(db, COOPERS_QUAY) },
  {
    name: "listOpenCodes",
    rows: 40,
    run: (db) => listOpenCodes(db, { developmentId: COOPERS_QUAY, limit: 50, offset: 0 }),
  },
  { name: "findHome", run: (db) => findHome(db, CALLUM) },
  { name: "findOnboardingCode", run: (db) => findOnboardingCode(db, some.code) },
  { name: "redeemOnboardingCode", run: (db) => redeemOnboardingCode(db, some.code, { sessionExpiresAt }) },
  {
    name: "redeemOnboardingCode of an unknown code",
    run: (db) => redeemOnboardingCode(db, "NOSUCHCODE", { sessionExpiresAt }),
  },
  { name: "endSignInLinks", run: (db) => endSignInLinks(db, CALLUM) },
  { name: "closeHome", run: (db) => closeHome(db, CALLUM) },
  { name: "revokeOnboardingCodes", run: (db) => revokeOnboardingCodes(db, CALLUM) },
  {
    name: "issueOnboardingCode",
    statements: 5,
    run: (db) => issueOnboardingCode(db, { homeownerId: CALLUM, validForMs: 1_000 }),
  },
  { name: "listDocumentsOfHome", rows: 60, run: (db) => listDocumentsOfHome(db, CALLUM) },
  { name: "findDocument", run: (db) => findDocument(db, some.document) },
  { name: "findDocumentHead", run: (db) => findDocumentHead(db, some.document) },
  { name: "findSuccessor", run: (db) => findSuccessor(db, some.document) },
  { name: "findDocumentPage", run: (db) => findDocumentPage(db, some.document, { page: 1 }) },
  {
    name: "findDocumentPage of a passage",
    run: (db) => findDocumentPage(db, some.document, { passage: 2 }),
  },
  { name: "addDocument with 3,000 parts", run: (db) => addDocument(db, { ...document, body: MANY_PARTS }) },
  { name: "indexDocument", statements: 10, rows: 200, run: (db) => indexDocument(db, some.document) },
  {
    name: "replaceChunks",
    statements: 5,
    rows: 200, // those of its document
    run: (db) =>
      replaceChunks(
        db,
        some.document,
        chunkText("# Radiators\n\nBleed them.\n\n# Taps\n\nTurn them.", "text/markdown"),
      ),
  },
  {
    name: "replacePages",
    statements: 2,
    run: (db) => replacePages(db, some.document, [{ firstPassage: 0, blocks: "[]" }]),
  },
  { name: "indexTerms", statements: 3, rows: 200, run: (db) => indexTerms(db, some.document) },
  {
    name: "searchChunks",
    rows: 60,
    run: (db) => searchChunks(db, { developmentId: COOPERS_QUAY, query: "bleed radiators", limit: 5 }),
  },
  {
    name: "searchDocuments",
    rows: 120, // what 50 documents have of two words
    run: (db) =>
      searchDocuments(db, { developmentId: COOPERS_QUAY, query: "bleed radiators", limit: 5, offset: 0 }),
  },
  {
    name: "searchDocuments with a misspelt word",
    statements: 3,
    rows: 800, // words of about this length, of 7,000
    run: (db) => searchDocuments(db, { developmentId: COOPERS_QUAY, query: "raditor", limit: 5, offset: 0 }),
  },
  { name: "listThreads", run: (db) => listThreads(db, { homeownerId: CALLUM }) },
  { name: "findThread", run: (db) => findThread(db, own()) },
  { name: "findThreadOwner", run: (db) => findThreadOwner(db, own()) },
  { name: "renameThread", run: (db) => renameThread(db, { ...own(), title: "T" }) },
  { name: "deleteThread", run: (db) => deleteThread(db, own()) },
  {
    name: "titleThread",
    run: (db) => titleThread(db, { threadId: some.thread, title: "T", idleSince: new Date() }),
  },
  { name: "addQuestion", run: (db) => addQuestion(db, question()) },
  {
    name: "openWithQuestion",
    statements: 2,
    run: (db) => openWithQuestion(db, { ...question(), threadId: randomUUID(), title: "T" }),
  },
  {
    name: "replaceLastQuestion",
    statements: 7,
    run: async (db) => {
      const old = { ...question(), threadId: randomUUID(), title: "T" };
      await openWithQuestion(db, old);
      await replaceLastQuestion(db, {
        ...question(),
        threadId: old.threadId,
        title: "T",
        replaces: [old.clientMessageId],
      });
    },
  },
  {
    name: "retryQuestion",
    statements: 9,
    run: async (db) => {
      await addQuestion(db, question());
      await retryQuestion(db, { ...question(), patienceMs: 0 });
    },
  },
  {
    name: "keepAnswer",
    run: (db) =>
      keepAnswer(db, {
        id: randomUUID(),
        replyToId: some.message,
        body: "So.",
        status: "complete",
        lookups,
        nothingKnown: true,
      }),
  },
  {
    name: "noteSearchInVain",
    run: (db) =>
      noteSearchInVain(db, { developmentId: COOPERS_QUAY, homeownerId: some.asker, query: "swimming pool" }),
  },
  {
    name: "listUnanswered of a development",
    run: (db) => listUnanswered(db, { developmentId: COOPERS_QUAY, limit: 10 }),
  },
  { name: "listRecentMessages", run: (db) => listRecentMessages(db, { threadId: some.thread, limit: 5 }) },
  { name: "listExchange", run: (db) => listExchange(db, some.message) },
  { name: "listConversation", run: (db) => listConversation(db, { threadId: some.thread }) },
  { name: "listMessages", run: (db) => listMessages(db, some.thread) },
  { name: "listTenants", tenantId: null, run: (db) => listTenants(db, { limit: 10 }) },
  {
    name: "listTenants behind the first",
    tenantId: null,
    run: (db) => listTenants(db, { after: NORTHGATE, limit: 10 }),
  },
  { name: "countAttempt", tenantId: null, run: (db) => countAttempt(db, "somebody", 60) },
  {
    name: "countUntilOver",
    tenantId: null,
    run: (db) =>
      countUntilOver(db, [
        { key: "somebody", windowSeconds: 60, most: 9 },
        { key: "all", windowSeconds: 60, most: 9 },
      ]),
  },
  { name: "forgiveAttempt", tenantId: null, run: (db) => forgiveAttempt(db, "somebody") },
  { name: "forgetAttempts", tenantId: null, run: (db) => forgetAttempts(db, "somebody") },
  { name: "deleteExpiredRateLimits", run: (db) => deleteExpiredRateLimits(db, { limit: 10 }) },
  {
    name: "noteActivity",
    run: (db) => noteActivity(db, { staffId: AMELIA, kind: "unit.changed", about: aboutUnit(some.unit) }),
  },
  { name: "listCodeRecipients", rows: 40, run: (db) => listCodeRecipients(db, COOPERS_QUAY) },
  {
    name: "claimCodeMail, finishCodeMail",
    statements: 5,
    run: async (db) => {
      const claim = { homeownerId: CALLUM, staffId: AMELIA, validForMs: 60_000, again: null };
      const claimed = await claimCodeMail(db, claim);
      if (typeof claimed !== "string") await finishCodeMail(db, claimed, { result: "sent", staffId: AMELIA });
    },
  },
  {
    name: "listActivity",
    run: async (db) => {
      await noteActivity(db, { staffId: AMELIA, kind: "homeowner.changed", about: aboutHomeOf(CALLUM) });
      await listActivity(db, { limit: 5 });
    },
    statements: 2,
  },
  { name: "addDevelopment", statements: 2, run: (db) => addDevelopment(db, AMELIA, site) },
  {
    name: "changeDevelopment",
    statements: 2,
    run: (db) => changeDevelopment(db, AMELIA, { id: COOPERS_QUAY, ...site }),
  },
  {
    name: "archive of a development",
    statements: 4,
    rows: 40,
    run: (db) => archive(db, AMELIA, { developmentId: COOPERS_QUAY, closes: true }),
  },
  {
    name: "restore of a development",
    statements: 2,
    run: (db) => restore(db, AMELIA, { developmentId: COOPERS_QUAY }),
  },
  {
    name: "addUnit",
    statements: 2,
    run: (db) => addUnit(db, AMELIA, { developmentId: COOPERS_QUAY, ...home }),
  },
  { name: "changeUnit", statements: 2, run: (db) => changeUnit(db, AMELIA, { id: some.unit, ...home }) },
  {
    name: "archive of a unit",
    statements: 4,
    run: (db) => archive(db, AMELIA, { unitId: some.unit, closes: true }),
  },
  { name: "restore of a unit", statements: 2, run: (db) => restore(db, AMELIA, { unitId: some.unit }) },
  {
    name: "addHomeowner",
    statements: 2,
    run: (db) => addHomeowner(db, AMELIA, { unitId: some.unit, ...person }),
  },
  {
    name: "changeHomeowner",
    statements: 6,
    run: (db) => changeHomeowner(db, AMELIA, { id: CALLUM, ...person }),
  },
  { name: "removeHomeowner", statements: 5, run: (db) => removeHomeowner(db, AMELIA, CALLUM) },
  { name: "countHomeAccess", rows: 40, run: (db) => countHomeAccess(db, { developmentId: COOPERS_QUAY }) },
  {
    name: "closeHomes",
    statements: 2,
    rows: 40,
    run: (db) => closeHomes(db, { developmentId: COOPERS_QUAY }),
  },
  {
    name: "importHomes",
    statements: 4,
    rows: 20,
    run: (db) =>
      importHomes(db, AMELIA, {
        developmentId: COOPERS_QUAY,
        homes: [{ ...home, homeowners: [person] }],
      }),
  },
  {
    name: "uploadDocument",
    statements: 2,
    run: (db) => uploadDocument(db, AMELIA, { ...document, body: "Text." }),
  },
  {
    name: "changeDocument",
    statements: 3, // and three that delete, where it moves: below
    run: (db) => changeDocument(db, AMELIA, { id: some.document, title: "T", developmentId: COOPERS_QUAY }),
  },
  {
    name: "deleteDocument",
    statements: 6,
    rows: 200,
    run: (db) => deleteDocument(db, AMELIA, some.document),
  },
  {
    name: "replaceDocument",
    statements: 8,
    rows: 200,
    // It names the document that the statement before has made; deleteDocument has the same one.
    unseen: /^update "documents"/,
    run: (db) => replaceDocument(db, AMELIA, some.document, { ...document, body: "Text." }),
  },
  {
    name: "restoreDocument",
    statements: 8,
    rows: 200,
    run: async (db) => {
      await deleteDocument(db, AMELIA, some.document);
      await restoreDocument(db, AMELIA, some.document);
    },
  },
  {
    name: "inviteStaff",
    statements: 4,
    run: (db) =>
      inviteStaff(db, AMELIA, {
        email: "i@harbourvale.example",
        name: "I",
        role: "viewer",
        validForMs: 1_000,
      }),
  },
  {
    name: "makeStaffLink",
    statements: 3,
    run: (db) => makeStaffLink(db, AMELIA, { id: some.colleague, validForMs: 1_000 }),
  },
  { name: "makeOwnLink", run: (db) => makeOwnLink(db, AMELIA) },
  { name: "findStaffAccount", run: (db) => findStaffAccount(db, AMELIA) },
  {
    name: "findStaffLink",
    statements: 2,
    run: async (db) => findStaffLink(db, await makeOwnLink(db, AMELIA)),
  },
  {
    name: "setStaffPassword",
    statements: 3,
    run: async (db) => setStaffPassword(db, { linkId: await makeOwnLink(db, AMELIA), passwordHash: "-" }),
  },
  { name: "findUnit", run: (db) => findUnit(db, { developmentId: COOPERS_QUAY, unitId: some.unit }) },
  // These are about all of a tenant's rows: no more than those.
  { name: "listArchivedDevelopments", rows: 1_020, run: (db) => listArchivedDevelopments(db) },
  { name: "countArchivedDevelopments", rows: 20, run: (db) => countArchivedDevelopments(db) },
  { name: "listDevelopments", rows: 1_020, run: (db) => listDevelopments(db) },
  {
    name: "listUnindexedDocuments",
    rows: 520,
    run: (db) => listUnindexedDocuments(db, { forMs: 60_000, limit: 10 }),
  },
  { name: "deleteSpentSignInLinks", rows: 1_020, run: (db) => deleteSpentSignInLinks(db, SPENT) },
  { name: "deleteSpentUnanswered", rows: 2_020, run: (db) => deleteSpentUnanswered(db, SPENT) },
  { name: "listUnanswered", rows: 2_020, run: (db) => listUnanswered(db, { limit: 10 }) },
  { name: "deleteSpentSessions", rows: 2_100, run: (db) => deleteSpentSessions(db, SPENT) },
  {
    name: "deleteSpentOnboardingCodes",
    statements: 2,
    rows: 3_100,
    run: (db) => deleteSpentOnboardingCodes(db, SPENT),
  },
  { name: "listIdleThreads", rows: 1_100, run: (db) => listIdleThreads(db, { forMs: 60_000, limit: 10 }) },
  {
    name: "findDocuments",
    rows: 1_700,
    run: (db) => findDocuments(db, { text: "t", sort: "uploaded", descending: true, limit: 50, offset: 0 }),
  },
  { name: "listDeletedDocuments", rows: 520, run: (db) => listDeletedDocuments(db) },
  { name: "deleteSpentDocuments", rows: 520, run: (db) => deleteSpentDocuments(db, SPENT) },
  { name: "listStaff", rows: 320, run: (db) => listStaff(db) },
  {
    name: "changeStaffRole",
    statements: 3,
    rows: 320,
    run: (db) => changeStaffRole(db, AMELIA, { id: some.colleague, role: "viewer" }),
  },
  { name: "disableStaff", statements: 4, rows: 320, run: (db) => disableStaff(db, AMELIA, some.colleague) },
  { name: "enableStaff", statements: 3, rows: 320, run: (db) => enableStaff(db, AMELIA, some.colleague) },
  { name: "listDocuments", rows: 1_700, run: (db) => listDocuments(db) },
];

/** One row goes in, nothing is looked for; or no statement at all. */
const WITHOUT_A_PLAN = [
  ...["addToDirectory", "addHomeToDirectory", "removeFromDirectory", "replaceInDirectory"],
  ...["lookupHash", "mayComeIn", "aboutUnit", "aboutHomeOf", "beginningOf", "isDue", "newestCode"],
];

describe.each(USES)(
  "$name",
  ({ run, statements: most = 1, rows = 10, tenantId = HARBOUR, unseen = /^\s*insert/ }) => {
    test(`sends ${most} statement(s), which leave nothing in the session and look at no more than ${rows} rows of any table`, async () => {
      const statements = await recorded(app, tenantId, run);
      expect(statements.map(({ text }) => text)).toHaveLength(most);
      expect(
        statements.map(({ text }) => text).filter((text) => !leavesNothing(text, new Set(OWN_FUNCTIONS))),
      ).toEqual([]);
      for (const statement of statements.filter(
        ({ text }) => !/^\s*insert/.test(text) && !unseen.test(text),
      )) {
        const touched = await rowsTouched(app, tenantId, statement);
        const tooMany = Object.entries(touched).filter(([, count]) => count > rows);
        expect(tooMany, statement.text).toEqual([]);
      }
    });
  },
);

test("searching reads the terms by development and lexeme, which row-level security allows for both", async () => {
  const [statement] = await recorded(app, HARBOUR, (db) =>
    searchDocuments(db, { developmentId: COOPERS_QUAY, query: "bleed radiators", limit: 5, offset: 0 }),
  );
  const plan = await asTenant(app, HARBOUR, () =>
    app.query(`explain ${statement?.text}`, statement?.params ?? []),
  );
  const lines = plan.rows.map((row: object) => Object.values(row).join());
  const at = lines.findIndex((line) => line.includes("Index Scan using document_terms_pkey"));
  expect(lines[at + 1]).toMatch(/Index Cond: \(\(tenant_id = .*\(development_id = .*\(lexeme = ANY /);
});

test("no query of the portals is left out", async () => {
  const folder = fileURLToPath(new URL("../src/queries", import.meta.url));
  const looked = USES.flatMap(({ name }) => name.split(/,? /));
  for (const file of await readdir(folder)) {
    const module: object = await import(/* @vite-ignore */ join(folder, file));
    const queries = Object.entries(module).filter(
      ([, exported]) => typeof exported === "function" && !isClass(exported),
    );
    expect([...looked, ...WITHOUT_A_PLAN], file).toEqual(
      expect.arrayContaining(queries.map(([name]) => name)),
    );
  }
});

const isClass = (exported: unknown) => String(exported).startsWith("class");
