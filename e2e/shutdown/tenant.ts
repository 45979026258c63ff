import { Buffer } from "node:buffer";
import { asSuperuser } from "@openhouse/pool-testing";
import { fillIn } from "../support/form.ts";
import { Visitor } from "../support/visitor.ts";
import { find, type Subject } from "./subject.ts";

// Codes that an earlier test has used are good again, so that there is always one to use: the one that was given longest ago.
const OPEN_CODE = `update onboarding_codes set used_at = null, expires_at = now() + interval '1 hour'
  where id = (select id from onboarding_codes where revoked_at is null
               order by array_position($1::text[], code) nulls first limit 1)
  returning code`;

/** The tenant portal: homeowners are at home, read their documents, and move in with a code. */
export function tenantPortal(serverUrl: string): Subject {
  let given: string[] = [];
  const openCode = async () => {
    const { rows } = await asSuperuser(serverUrl, (client) =>
      client.query<{ code: string }>(OPEN_CODE, [given]),
    );
    const code = rows[0]?.code ?? "";
    given = [...given.filter((each) => each !== code), code];
    return code;
  };

  const fillInForm: Subject["fillInForm"] = async (origin) => {
    const path = `/onboard/${await openCode()}`;
    const visitor = new Visitor(origin);
    const form = fillIn((await visitor.get(path)).body, "Open my home", {});
    visitor.leave();
    return {
      send: () => {
        const sender = new Visitor(origin);
        return sender.post(path, form).finally(() => sender.leave());
      },
      acknowledged: ({ status, cookie }) => status === 303 && cookie !== "",
      kept: ({ cookie }) =>
        asSuperuser(serverUrl, async (client) => {
          const found = await client.query("select from sessions where id = $1", [sessionId(cookie)]);
          return found.rowCount === 1;
        }),
    };
  };

  return {
    workspace: "tenant-portal",
    tableOfForm: "onboarding_codes",
    fillInForm,
    signIn: async (origin) => (await (await fillInForm(origin, "")).send()).cookie,

    async visits(origin, cookie) {
      const visitor = new Visitor(origin, cookie);
      const document = find((await visitor.get("/")).body, /href="(\/documents\/[^"]+)"/);
      visitor.leave();
      return [
        { path: "/", holds: "Welcome home, " },
        { path: document, holds: "<article" },
      ];
    },
  };
}

/** Which session a cookie stands for. */
function sessionId(cookie: string): string {
  const claims: unknown = JSON.parse(Buffer.from(cookie.split(".")[1] ?? "", "base64url").toString());
  return typeof claims === "object" && claims !== null && "sid" in claims ? String(claims.sid) : "";
}
