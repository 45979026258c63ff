import { keyFor } from "@openhouse/db/auth-secret";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type SessionClaims, signSessionToken, verifySessionToken } from "../src/session-token.ts";

const SECRET = "a secret of the tests, long enough to be one";
const CLAIMS: SessionClaims = {
  sessionId: "0f5a7a52-3f0e-4b6e-9a39-3f6b6a0f5d11",
  tenantId: "6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e",
  subjectId: "b7c1d7a4-2f1e-4f7a-8d3e-5b1f2c3d4e5f",
  expiresAt: new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000),
};

beforeEach(() => {
  vi.stubEnv("AUTH_SECRET", SECRET);
  return () => vi.unstubAllEnvs();
});

function token(
  overrides: { alg?: string; key?: Uint8Array; sid?: unknown; sub?: string; aud?: string; exp?: number } = {},
): Promise<string> {
  const {
    alg = "HS256",
    key = keyFor("session tokens"),
    sid = CLAIMS.sessionId,
    sub = CLAIMS.subjectId,
  } = overrides;
  return new SignJWT({ sid, tid: CLAIMS.tenantId })
    .setProtectedHeader({ alg })
    .setSubject(sub)
    .setAudience(overrides.aud ?? "developer")
    .setExpirationTime(overrides.exp ?? Math.floor(Date.now() / 1000) + 60)
    .sign(key);
}

test("what was signed is read back", async () => {
  expect(await verifySessionToken("developer", await signSessionToken("developer", CLAIMS))).toEqual(CLAIMS);
  expect(await verifySessionToken("developer", await token())).not.toBeNull();
});

describe("is no session, and no error:", () => {
  const now = Math.floor(Date.now() / 1000);
  const { sessionId } = CLAIMS;
  const cases: [string, () => Promise<string> | string][] = [
    ["one for the other portal", () => signSessionToken("tenant", CLAIMS)],
    ["one that has expired", () => token({ exp: now - 1 })],
    ["one signed with another secret", () => signedWith(`${SECRET}!`)],
    ["one signed with a key for another use", () => token({ key: keyFor("second steps") })],
    ["one signed with the secret itself", () => token({ key: new TextEncoder().encode(SECRET) })],
    ["one signed with another algorithm", () => token({ alg: "HS512" })],
    ["one with other content under the same signature", async () => tampered(await token())],
    ["one without a signature", () => unsigned(sessionId)],
    ["one whose session is no id", () => token({ sid: "1; drop table staff" })],
    ["one whose subject is no id", () => token({ sub: "admin" })],
    ["an empty one", () => ""],
    ["noise", () => "\u0000%%%.a.b.c"],
  ];
  for (const [what, make] of cases) {
    test(what, async () => {
      expect(await verifySessionToken("developer", await make())).toBeNull();
    });
  }
});

test("one that the secret before signed is read while that is given, and new ones are the new one's", async () => {
  const old = await signSessionToken("developer", CLAIMS);
  vi.stubEnv("AUTH_SECRET", `${SECRET} of now`);
  expect(await verifySessionToken("developer", old)).toBeNull();
  vi.stubEnv("AUTH_SECRET_PREVIOUS", SECRET);
  expect(await verifySessionToken("developer", old)).toEqual(CLAIMS);
  const signed = await signSessionToken("developer", CLAIMS);
  vi.stubEnv("AUTH_SECRET_PREVIOUS", "");
  expect(await verifySessionToken("developer", signed)).toEqual(CLAIMS);
});

test("without a usable secret it is an error, because everybody would seem signed out", async () => {
  const signed = await token();
  vi.stubEnv("AUTH_SECRET", "short");
  await expect(verifySessionToken("developer", signed)).rejects.toMatchObject({ code: "AUTH_SECRET" });
});

async function signedWith(secret: string): Promise<string> {
  vi.stubEnv("AUTH_SECRET", secret);
  const signed = await token();
  vi.stubEnv("AUTH_SECRET", SECRET);
  return signed;
}

function tampered(signed: string): string {
  const [header, payload = "", signature] = signed.split(".");
  const claims: object = JSON.parse(Buffer.from(payload, "base64url").toString());
  const other = { ...claims, tid: "11111111-1111-4111-8111-111111111111" };
  return [header, Buffer.from(JSON.stringify(other)).toString("base64url"), signature].join(".");
}

function unsigned(sid: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sid, tid: CLAIMS.tenantId, sub: CLAIMS.subjectId, aud: "developer", exp: 4_000_000_000 };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}
