import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "@openhouse/pool-testing";

/** A block of TypeScript or JavaScript in a page. */
export interface CodeBlock {
  readonly page: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly code: string;
  /** The file that it says it is a part of, in a comment at its head. */
  readonly quotedFrom?: string;
}

export function codeBlocksOf(page: string): CodeBlock[] {
  const text = readFileSync(join(repositoryRoot(), page), "utf8");
  return [...text.matchAll(/^```(?:tsx?|js|mjs)\n([\s\S]*?)^```$/gm)].map(({ index, 1: code = "" }) => {
    const line = text.slice(0, index).split("\n").length + 1;
    const quotedFrom = /^\/\/ (examples\/\S+)\n/.exec(code)?.[1];
    return { page, line, code, ...(quotedFrom === undefined ? {} : { quotedFrom }) };
  });
}

/** What tsc says of them, with the repository's own settings: of each its page, and one more than the line within the block. */
export async function compileErrorsOf(blocks: readonly CodeBlock[]): Promise<string> {
  const root = repositoryRoot();
  // Below node_modules, so that the packages of the repository are found from there.
  const directory = mkdtempSync(join(root, "node_modules/.code-blocks-"));
  try {
    const files = blocks.map(({ page, line, code }) => {
      const name = `${page.replaceAll(/\W/g, "_")}_${line}.ts`;
      writeFileSync(join(directory, name), `export {};\n${code}`);
      return name;
    });
    const context = join(import.meta.dirname, "code-context.d.ts");
    const config = { extends: "../../tsconfig.json", files: [...files, context], include: [], exclude: [] };
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
    const args = [join(root, "node_modules/typescript/bin/tsc"), "-p", directory];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory }).catch(
      (error) => error,
    );
    return stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
