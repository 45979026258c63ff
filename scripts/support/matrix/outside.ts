import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asSuperuser,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
  withDatabase,
} from "@openhouse/pool-testing";
import { packPool, packTesting } from "../packed-pool.ts";
import { Project } from "./project.ts";

/** What the rows share: the tarball, a server, and runtimes that are installed once. */
export class Outside {
  readonly tarball: string;
  readonly aborted: AbortSignal;
  readonly #directory: string;
  readonly #server: EmbeddedPostgres;
  readonly #runtimes = new Map<string, Promise<Project>>();
  #made = 0;

  private constructor(directory: string, tarball: string, server: EmbeddedPostgres, aborted: AbortSignal) {
    this.#directory = directory;
    this.tarball = tarball;
    this.#server = server;
    this.aborted = aborted;
  }

  /** Packs the package and starts a server, which `close` ends. */
  static async open(aborted: AbortSignal): Promise<Outside> {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), "matrix-"));
    try {
      const tarball = packPool(directory);
      return new Outside(directory, tarball, await startEmbeddedPostgres({ name: "matrix" }), aborted);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#server.stop("immediate");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** An empty project with the package and `packages` in it. */
  project(...packages: string[]): Promise<Project> {
    return this.projectWith(this.tarball, ...packages);
  }

  /** An empty project with `packages` alone. */
  async projectWith(...packages: string[]): Promise<Project> {
    const project = this.#emptyProject();
    await project.install(...packages);
    return project;
  }

  /** The tarball of @openhouse/pool-testing, which one row asks for. */
  testingTarball(): string {
    return packTesting(this.#directory);
  }

  /** The path of Node's binary; npm has one a version and platform. */
  async node(major: string): Promise<{ path: string; version: string }> {
    const name = `node-${process.platform}-${process.arch}`;
    const project = await this.tool(`${name}@${major}`);
    return { path: project.path("node_modules", name, "bin/node"), version: project.version(name) };
  }

  /** A project with that one package, without ours, for whoever asks first and all who do later. */
  tool(spec: string): Promise<Project> {
    const made = this.#runtimes.get(spec) ?? this.projectWith(spec);
    this.#runtimes.set(spec, made);
    return made;
  }

  /**
   * The newest version that npm has of a package among those that `pattern` fits: for versions that no range and no tag finds.
   *
   * @throws {Error} there is none.
   */
  async newestVersion(name: string, pattern: RegExp): Promise<string> {
    const { stdout, stderr } = await this.#emptyProject().run("npm", ["view", name, "versions", "--json"]);
    if (stdout === "") throw new Error(`npm view ${name}: ${stderr}`);
    const versions: string[] = JSON.parse(stdout);
    const fitting = versions.filter((version) => pattern.test(version));
    const newest = fitting.sort(new Intl.Collator("en", { numeric: true }).compare).at(-1);
    if (newest === undefined) throw new Error(`npm has no ${name} like ${pattern}`);
    return newest;
  }

  /** The URL of a new, empty database, on the shared server or on another. */
  async database(server: EmbeddedPostgres = this.#server): Promise<string> {
    const name = `matrix_${++this.#made}`;
    await asSuperuser(server.url, (client) => client.query(`create database ${name}`));
    return withDatabase(server.url, name);
  }

  #emptyProject(): Project {
    const cwd = join(this.#directory, `project-${++this.#made}`);
    mkdirSync(cwd);
    return new Project(cwd, this.aborted);
  }
}
