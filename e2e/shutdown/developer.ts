import { randomUUID } from "node:crypto";
import type { SeedResult } from "@openhouse/db/seed";
import { asSuperuser } from "@openhouse/pool-testing";
import { fillIn } from "../support/form.ts";
import { Visitor } from "../support/visitor.ts";
import { find, type Subject } from "./subject.ts";

const KEPT = "select from documents where title = $1";

/** The developer portal: a company's staff look at its developments and documents, and upload one. */
export function developerPortal(serverUrl: string, { staff }: SeedResult): Subject {
  return {
    workspace: "developer-portal",
    tableOfForm: "documents",

    async signIn(origin) {
      // An operator, for the figures among the visits.
      const person = staff.find(({ role, isOperator }) => role === "developer" && isOperator);
      if (person === undefined) throw new Error("the example data has no developer who is an operator");
      const visitor = new Visitor(origin);
      const { body } = await visitor.get("/sign-in");
      const { email, password } = person;
      const { cookie } = await visitor.post("/sign-in", fillIn(body, "password", { email, password }));
      visitor.leave();
      return cookie;
    },

    async visits(origin, cookie) {
      const visitor = new Visitor(origin, cookie);
      const development = find((await visitor.get("/")).body, /href="(\/developments\/[0-9a-f-]{36})"/);
      const list = (await visitor.get("/documents")).body;
      const document = find(list, /href="(\/documents\/[0-9a-f-]{36})"/);
      visitor.leave();
      return [
        { path: "/", holds: "Conversations" },
        { path: development, holds: "scans their own code once" },
        { path: "/documents", holds: "Upload a document" },
        { path: document, holds: "<article" },
        { path: "/api/database", holds: '"waiting":' },
      ];
    },

    async fillInForm(origin, cookie) {
      const visitor = new Visitor(origin, cookie);
      const { body } = await visitor.get("/documents");
      visitor.leave();
      const title = `Shutdown ${randomUUID()}`;
      const form = fillIn(body, 'name="title"', {
        development: find(body, /<option value="([^"]+)"/),
        title,
        file: new File(["# Heating\n\nTurn the dial.\n"], "heating.md", { type: "text/markdown" }),
      });
      return {
        send: () => {
          const sender = new Visitor(origin, cookie);
          return sender.post("/documents", form).finally(() => sender.leave());
        },
        acknowledged: ({ status, body }) => status === 200 && body.includes("is uploaded"),
        kept: () =>
          asSuperuser(serverUrl, async (client) => (await client.query(KEPT, [title])).rowCount === 1),
      };
    },
  };
}
