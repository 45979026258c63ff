import type { Replicated } from "@openhouse/db/test-support/replicated";
import { AMELIA, COOPERS_QUAY, HARBOUR, PRIYA } from "@openhouse/db/test-support/tenants";
import { waitFor } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// There is no request: a visitor who has no cookie.
vi.mock("next/headers", () => ({
  cookies: async () => ({ get: () => undefined }),
  headers: async () => new Headers(),
}));

// Another file of this process may have loaded it with Next's own.
vi.resetModules();
const { disconnect, forTenant, getDatabaseResources, getPoolStats } = await import("@openhouse/db/client");
const { addDocument, indexDocument } = await import("@openhouse/db/queries/documents");
const { listUnanswered } = await import("@openhouse/db/queries/unanswered");
const { replicasAre, startReplicated } = await import("@openhouse/db/test-support/replicated");
const { searchHome } = await import("../lib/search/search-home.ts");

let servers: Replicated;
beforeAll(async () => {
  servers = await startReplicated(1);
  vi.stubEnv("DATABASE_URL", servers.appUrl);
  vi.stubEnv("DATABASE_URL_REPLICAS", servers.replicaUrls.join(","));
}, 120_000);
afterAll(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.unstubAllEnvs();
  await servers.stop();
});

const search = (query: string) =>
  searchHome({ tenantId: HARBOUR, homeowner: { id: PRIYA } }, { query, page: 1 });
const noted = async () => (await listUnanswered(forTenant(HARBOUR), { limit: 10 })).map(({ body }) => body);

test("what a replica does not have yet is found on the primary, and is not noted as what the documents do not say", async () => {
  forTenant(HARBOUR).onReplica();
  getDatabaseResources();
  await replicasAre(undefined);
  await servers.standbys[0]?.pauseReplay();
  try {
    const added = await addDocument(forTenant(HARBOUR), {
      developmentId: COOPERS_QUAY,
      title: "Apiary",
      fileName: "apiary.md",
      mediaType: "text/markdown",
      uploadedBy: AMELIA,
      body: "The zygomorphic apiary stands on the roof.",
    });
    await indexDocument(forTenant(HARBOUR), added);
    expect(await search("zygomorphic")).toMatchObject({ total: 1, developmentName: "Cooper's Quay" });
    expect(getPoolStats().replicas?.[0]?.reads).toBeGreaterThan(0);
    expect(await search("qwertyish")).toMatchObject({ total: 0 });
    await waitFor(async () => (await noted()).length > 0, { what: "the other search to be noted" });
    expect(await noted()).toEqual(["qwertyish"]);
  } finally {
    await servers.standbys[0]?.resumeReplay();
  }
});
