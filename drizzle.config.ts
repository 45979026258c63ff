import { defineConfig } from "drizzle-kit";

/** Asked for by the commands that speak to a server: migrate, push, pull, studio. */
const url = process.env.DATABASE_URL_OWNER ?? process.env.DATABASE_URL;

export default defineConfig({
  dialect: "postgresql",
  schema: "./packages/db/src/schema/index.ts",
  out: "./packages/db/migrations",
  ...(url !== undefined && { dbCredentials: { url } }),
});
