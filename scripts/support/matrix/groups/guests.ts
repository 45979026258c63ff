import { countChecks } from "../check-line.ts";
import type { Group, Row } from "../row.ts";

/** What others require. */
const NODE = "24";
/** A range, as the tags of its packages are not always of one version. */
const PRISMA = "7";
const OPENTELEMETRY = [
  "@opentelemetry/instrumentation-pg",
  "@opentelemetry/api",
  "@opentelemetry/sdk-trace",
  "@opentelemetry/context-async-hooks",
];

export const GUESTS: Group = {
  name: "guests",
  title: "Others that take a pool: each job on a plain pg.Pool and on ours, step by step the same",
  rows: [
    guest("kysely", ["kysely"], "transactions; cancel and kill reach the right server"),
    guest("typeorm", ["typeorm", "reflect-metadata"], "a pool of its driver's class: schema, save, rollback"),
    guest(
      "knex",
      ["knex"],
      "its connections are lent by the pool: schema, transactions, savepoints, fifty at once",
    ),
    guest(
      "mikro-orm",
      ["@mikro-orm/postgresql", "@mikro-orm/core"],
      "a Kysely dialect over it: unit of work, stream",
    ),
    guest("better-auth", ["better-auth"], "migrations, sign up, sign in"),
    guest("auth", ["@auth/pg-adapter", "@auth/core"], "Auth.js: a link by mail, sessions, accounts"),
    guest("pg-boss", ["pg-boss"], "its SQL over the pool: send, fetch, work"),
    guest("graphile-worker", ["graphile-worker"], "migrations, a job, a failing job"),
    guest("connect-pg-simple", ["connect-pg-simple", "express-session"], "sessions set, read, destroyed"),
    guest("prom-client", ["prom-client"], "gauges of connections and waiters"),
    {
      name: "prisma",
      what: "adapter-pg: create, errors, transactions, fifty at once",
      async try(outside) {
        const node = await outside.node(NODE);
        const packages = ["prisma", "@prisma/client", "@prisma/adapter-pg"].map(
          (each) => `${each}@${PRISMA}`,
        );
        const project = await outside.project("pg@latest", ...packages);
        const versions = `prisma ${project.version("prisma")}, Node ${node.version}`;
        // It would fetch an engine, which migrations alone need.
        const env = { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true" };
        const generate = ["node_modules/prisma/build/index.js", "generate", "--config", "prisma.config.mjs"];
        const { code, stdout, stderr } = await project.run(node.path, generate, env);
        if (code !== 0) return { versions, checks: 1, wrong: [`prisma generate: ${stderr}${stdout}`] };
        const urls = { MATRIX_URL: await outside.database(), MATRIX_PLAIN_URL: await outside.database() };
        const lines = await project.checks(node.path, ["guest.mjs", "prisma"], urls);
        return { versions, ...countChecks(lines) };
      },
    },
    guest("pino", ["pino"], "pinoLogger keeps a line's fields"),
    tracer("opentelemetry", OPENTELEMETRY, "its pg instrumentation: spans beneath their callers"),
    tracer("sentry", ["@sentry/node"], "spans beneath their callers, refused statements too"),
    tracer("dd-trace", ["dd-trace"], "spans beneath their callers, with comments in every statement"),
  ],
};

/** It is loaded in front of everything else, as it has to be. */
function tracer(name: string, packages: readonly string[], what: string): Row {
  return guest(name, packages, what, ["--import", `./preloads/${name}.mjs`]);
}

/** @param packages the first is the one whose version is told. */
function guest(name: string, packages: readonly string[], what: string, flags: readonly string[] = []): Row {
  return {
    name,
    what,
    async try(outside) {
      const node = await outside.node(NODE);
      const newest = packages.map((each) => `${each}@latest`);
      const project = await outside.project("pg@latest", ...newest);
      const env = { MATRIX_URL: await outside.database(), MATRIX_PLAIN_URL: await outside.database() };
      const lines = await project.checks(node.path, [...flags, "guest.mjs", name], env);
      const [main = name] = packages;
      return { versions: `${main} ${project.version(main)}, Node ${node.version}`, ...countChecks(lines) };
    },
  };
}
