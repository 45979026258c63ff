import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where a measuring command puts what it has found, for people and for machines. */
export class ResultsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Of a file in it; the folder is made. */
  pathOf(name: string): string {
    mkdirSync(this.path, { recursive: true });
    return join(this.path, name);
  }

  /** Writes text as it is, and anything else as JSON. @returns where it lies. */
  write(name: string, content: string | object): string {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 1);
    writeFileSync(this.pathOf(name), `${text.trimEnd()}\n`);
    return this.pathOf(name);
  }

  /** A text of an earlier run; undefined where there is none. */
  read(name: string): string | undefined {
    const path = join(this.path, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }
}
