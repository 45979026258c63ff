import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";

export async function work({ pool, step }) {
  const options = {
    database: pool,
    secret: "a secret of tests, which guards nothing at all",
    baseURL: "http://localhost:3000",
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
  };
  await step("migrate", async () => {
    const { runMigrations, toBeCreated } = await getMigrations(options);
    await runMigrations();
    return toBeCreated.map(({ table }) => table).sort();
  });
  const auth = betterAuth(options);
  const account = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
  await step("sign up", async () => (await auth.api.signUpEmail({ body: account })).user.email);
  await step("sign up twice", () => auth.api.signUpEmail({ body: account }).catch(({ status }) => status));
  await step("sign in", async () => (await auth.api.signInEmail({ body: account })).user.name);
  await step("a wrong password", () =>
    auth.api
      .signInEmail({ body: { ...account, password: "wrong horse battery" } })
      .catch(({ status }) => status),
  );
}
