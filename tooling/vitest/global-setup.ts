import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot, startEmbeddedPostgres } from "@openhouse/pool-testing";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    testServerUrl: string;
  }
}

/** One server for the whole run, with the migrated template in it; or the one that TEST_DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Inherited by every test file: the template's directory is made with a key of it.
  process.env.AUTH_SECRET = "the secret of tests, which guards nothing";
  const given = process.env.TEST_DATABASE_URL;
  const server = given
    ? null
    : await startEmbeddedPostgres({ name: "test", settings: { max_connections: "200" } });
  const url = server?.url ?? given ?? "";
  const stop = async () => server?.stop("immediate");
  try {
    await makeTemplate(url);
    project.provide("testServerUrl", url);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const path = join(repositoryRoot(), "packages/db/test/support/template.ts");
  if (!existsSync(path)) return;
  const { createTemplate }: { createTemplate(serverUrl: string): Promise<unknown> } = await import(
    pathToFileURL(path).href
  );
  await createTemplate(serverUrl);
}
