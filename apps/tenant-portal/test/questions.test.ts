import { readFileSync } from "node:fs";
import { forTenant } from "@openhouse/db/client";
import { COOPERS_QUAY, ORCHARD_RISE } from "@openhouse/db/test-support/tenants";
import { Flight } from "@openhouse/web/flight";
import { expect, test } from "vitest";
import { z } from "zod";
import { HARBOUR, tenantDatabase } from "../../../packages/web/test/support/tenant-database.ts";
import { followUpQuery } from "../lib/chat/concepts.ts";
import { localAnswer } from "../lib/chat/local-answer.ts";
import { searchDocuments, toQuery } from "../lib/chat/search-documents.ts";

tenantDatabase();

/** What homeowners of a flat and of a plot ask, and words of a right answer; null where the documents do not say. */
const readQuestions = (file: string) =>
  z
    .array(
      z.object({
        kind: z.string(),
        home: z.enum(["flat", "plot"]),
        /** Asked before in the same conversation. */
        after: z.string().optional(),
        ask: z.string(),
        says: z.string().nullable(),
      }),
    )
    .parse(JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")));

type AskedQuestion = ReturnType<typeof readQuestions>[number];

const HOMES = { flat: COOPERS_QUAY, plot: ORCHARD_RISE };

async function answer({ home, ask, after }: AskedQuestion): Promise<string> {
  const search = (query: string) =>
    searchDocuments(new Flight(forTenant(HARBOUR)), { developmentId: HOMES[home], query });
  const query = toQuery(followUpQuery(ask, after));
  const text = await localAnswer(query, (await search(query)).passages, search);
  return text.replace(/\s+/g, " ");
}

async function answerAll(file: string) {
  const results = await Promise.all(
    readQuestions(file).map(async (question) => {
      const text = await answer(question);
      const right = question.says === null ? !text.includes("> ") : new RegExp(question.says).test(text);
      return { ...question, text, right };
    }),
  );
  const kinds = [...new Set(results.map(({ kind }) => kind))].map((kind) => {
    const own = results.filter((each) => each.kind === kind);
    return `${kind} ${own.filter(({ right }) => right).length}/${own.length}`;
  });
  const right = results.filter((each) => each.right).length;
  const wrong = results
    .filter((each) => !each.right)
    .map(({ ask, text }) => `${ask} -> ${text.slice(0, 120)}`);
  console.info(`${right} of ${results.length} right: ${kinds.join(", ")}\n${wrong.join("\n")}`);
  return { results, right };
}

test("of 60 questions nine in ten are answered with the words that were asked for, emergencies always with the number", async () => {
  const { results, right } = await answerAll("./questions.json");
  expect(results.length).toBe(60);
  expect(results.filter((each) => each.kind === "emergency" && !each.right)).toEqual([]);
  expect(right).toBeGreaterThanOrEqual(54);
});

test("of 12 questions that no word and no rule was chosen for, two in three are answered", async () => {
  const { results, right } = await answerAll("./unseen-questions.json");
  expect(results.length).toBe(12);
  expect(right).toBeGreaterThanOrEqual(8);
});

test("of 32 questions that were written down before anybody looked how they are answered, none is lost again", async () => {
  const { results, right } = await answerAll("./held-out-questions.json");
  expect(results.length).toBe(32);
  expect(right).toBeGreaterThanOrEqual(27);
});
