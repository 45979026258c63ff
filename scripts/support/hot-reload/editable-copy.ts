import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CheckoutTree } from "@openhouse/tooling/portals/checkout-tree";
import { CLIENT_LINES, PAGE, RESOURCES_LINES, ROUTE } from "./sources.ts";

export const PORTALS = ["developer-portal", "tenant-portal"] as const;
export type PortalName = (typeof PORTALS)[number];

/** What a developer saves: the module that everybody imports, the one that makes the pool, a route of each portal. */
export const SAVED_FILES = ["client.ts", "resources.ts", "route.ts"] as const;
export type SavedFile = (typeof SAVED_FILES)[number];

/** A copy of the checkout in which files can be saved while `next dev` runs; the checkout stays as it is. */
export class EditableCopy {
  readonly #tree: CheckoutTree;

  constructor(root: string) {
    this.#tree = new CheckoutTree(root, "openhouse-hot-reload-");
    this.#makeObservable();
  }

  get directory(): string {
    return this.#tree.directory;
  }

  portalDirectory(portal: PortalName): string {
    return join(this.directory, "apps", portal);
  }

  /** Saves a file with another number in it, in both portals where each has its own. */
  save(file: SavedFile, number: number): void {
    for (const path of this.#pathsOf(file)) {
      const source = readFileSync(path, "utf8");
      const saved = source.replace(/(const \w+_SAVED = )\d+/, `$1${number}`);
      if (saved === source) throw new Error(`${path} has no other number than ${number} to save.`);
      this.#write(path, saved);
    }
  }

  /** Writes `.env` at the root; with a portal's name, in that portal's directory. */
  saveSettings(settings: Readonly<Record<string, string | number>>, portal?: PortalName): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    const directory = portal === undefined ? this.directory : this.portalDirectory(portal);
    this.#write(join(directory, ".env"), lines.join(""));
  }

  remove(): void {
    this.#tree.remove();
  }

  #pathsOf(file: SavedFile): string[] {
    if (file !== "route.ts") return [join(this.directory, "packages/db/src", file)];
    return PORTALS.map((portal) => join(this.portalDirectory(portal), "app/api/hot-reload/route.ts"));
  }

  /** Adds to each file a number that a portal tells, so that it can be seen which version of it answers. */
  #makeObservable(): void {
    const database = join(this.directory, "packages/db/src");
    for (const [file, lines] of [
      ["client.ts", CLIENT_LINES] as const,
      ["resources.ts", RESOURCES_LINES] as const,
    ]) {
      this.#write(join(database, file), readFileSync(join(database, file), "utf8") + lines);
    }
    for (const portal of PORTALS) {
      this.#write(join(this.portalDirectory(portal), "app/api/hot-reload/route.ts"), ROUTE);
      this.#write(join(this.portalDirectory(portal), "app/hot-reload/page.tsx"), PAGE);
    }
  }

  /** By renaming, as many editors save: nobody finds half of a file. */
  #write(path: string, text: string): void {
    const draft = join(this.directory, "draft");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
  }
}
