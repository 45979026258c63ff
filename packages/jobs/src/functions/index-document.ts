import { indexDocument } from "@openhouse/db/queries/documents";
import { asTenant, guardStep } from "../background.ts";
import { inngest } from "../client.ts";
import { idsOf } from "../event-data.ts";

/**
 * `document/uploaded`: makes the document's passages searchable. One step, since what it makes of the text is as long as
 * the text, and the executor keeps what steps hand on; run twice, it leaves the same.
 */
export const indexUploadedDocument = inngest.createFunction(
  {
    id: "index-document",
    name: "Index an uploaded document",
    triggers: [{ event: "document/uploaded" }],
    retries: 5,
    concurrency: { limit: 4 },
  },
  async ({ event, step }) => {
    const ids = idsOf(event.data, "tenantId", "documentId");
    if (ids === null) return { outcome: "malformed" };
    const { tenantId, documentId } = ids;
    const passages = await step.run("index", () =>
      guardStep(() => indexDocument(asTenant(tenantId), documentId)),
    );
    return passages === null ? { outcome: "gone" } : { outcome: "indexed", passages };
  },
);
