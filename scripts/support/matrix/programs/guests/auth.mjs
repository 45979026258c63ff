import { Auth } from "@auth/core";
import adapterOver from "@auth/pg-adapter";

// As its documentation has them.
const TABLES = `
  create table verification_token (
    identifier text not null, expires timestamptz not null, token text not null, primary key (identifier, token));
  create table accounts (
    id serial primary key, "userId" integer not null, type varchar(255) not null, provider varchar(255) not null,
    "providerAccountId" varchar(255) not null, refresh_token text, access_token text, expires_at bigint, id_token text,
    scope text, session_state text, token_type text);
  create table sessions (
    id serial primary key, "userId" integer not null, expires timestamptz not null, "sessionToken" varchar(255) not null);
  create table users (id serial primary key, name varchar(255), email varchar(255) unique, "emailVerified" timestamptz, image text)`;
const SOON = new Date("2100-01-01");
const ORIGIN = "http://localhost:3000";

export async function work({ pool, step }) {
  await pool.query(TABLES);
  const adapter = adapterOver(pool);
  const sent = [];
  const config = {
    adapter,
    trustHost: true,
    secret: "a secret of tests, which guards nothing at all",
    basePath: "/auth",
    providers: [
      {
        id: "mail",
        type: "email",
        name: "Mail",
        maxAge: 3_600,
        sendVerificationRequest: ({ url }) => void sent.push(url),
      },
    ],
  };
  let cookies = {};
  const visit = async (path, body) => {
    const headers = {
      cookie: Object.entries(cookies)
        .map((pair) => pair.join("="))
        .join("; "),
    };
    const form = body && new URLSearchParams(body);
    const request = new Request(new URL(path, ORIGIN), {
      method: body ? "POST" : "GET",
      headers,
      body: form,
    });
    const response = await Auth(request, config);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      cookies = { ...cookies, [name]: value };
    }
    return response;
  };
  await step("a link by mail, and a session behind it", async () => {
    const { csrfToken } = await (await visit("/auth/csrf")).json();
    await visit("/auth/signin/mail", { csrfToken, email: "ada@example.com" });
    const { status } = await visit(sent[0]);
    const { user } = await (await visit("/auth/session")).json();
    return [status, user];
  });
  await step("the link works once", async () => {
    const { headers } = await visit(sent[0]);
    return (
      new URL(headers.get("location"), ORIGIN).pathname + new URL(headers.get("location"), ORIGIN).search
    );
  });
  await step("sign out", async () => {
    const { csrfToken } = await (await visit("/auth/csrf")).json();
    await visit("/auth/signout", { csrfToken });
    return [await (await visit("/auth/session")).json(), (await pool.query("select * from sessions")).rows];
  });
  await step("accounts", async () => {
    const { id: userId } = await adapter.getUserByEmail("ada@example.com");
    await adapter.linkAccount({
      userId,
      type: "oauth",
      provider: "acme",
      providerAccountId: "7",
      expires_at: 1,
    });
    const found = await adapter.getUserByAccount({ provider: "acme", providerAccountId: "7" });
    await adapter.updateUser({ id: userId, name: "Ada" });
    await adapter.createSession({ sessionToken: "t", userId, expires: SOON });
    const both = await adapter.getSessionAndUser("t");
    await adapter.deleteUser(userId);
    return [
      found.email,
      both.user.name,
      both.session.expires,
      await adapter.getUserByEmail("ada@example.com"),
    ];
  });
  await step("an address twice", () => {
    const user = { email: "bob@example.com", emailVerified: SOON };
    return Promise.all([adapter.createUser(user), adapter.createUser(user)]).catch(({ code }) => code);
  });
}
