import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { authSecret, keyFor, keysFor, readOrMakeSecret } from "../src/auth-secret.ts";
import { weaknessOf } from "../src/weak-secret.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "openhouse-secret-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

test("AUTH_SECRET is used as it is", () => {
  vi.stubEnv("AUTH_SECRET", "x".repeat(32));
  expect(new TextDecoder().decode(authSecret())).toBe("x".repeat(32));
});

test("a secret that is too short is refused, and not repeated", () => {
  vi.stubEnv("AUTH_SECRET", "hunter2-hunter2");
  expect(authSecret).toThrowError(/AUTH_SECRET must have at least 32 characters, got 15/);
  expect(authSecret).not.toThrowError(/hunter2/);
});

test("each use has a key of its own, and the secret before has one for reading", () => {
  vi.stubEnv("AUTH_SECRET", "x".repeat(32));
  const tokens = keyFor("session tokens");
  expect(tokens).not.toEqual(keyFor("second steps"));
  expect(keysFor("session tokens")).toEqual([tokens]);
  vi.stubEnv("AUTH_SECRET", "y".repeat(32));
  vi.stubEnv("AUTH_SECRET_PREVIOUS", "x".repeat(32));
  expect(keyFor("session tokens")).not.toEqual(tokens);
  expect(keysFor("session tokens")).toEqual([keyFor("session tokens"), tokens]);
  vi.stubEnv("AUTH_SECRET_PREVIOUS", "short");
  expect(authSecret).toThrowError(/AUTH_SECRET_PREVIOUS must have at least 32 characters, got 5/);
});

test("production without a secret is refused with the way to make one", () => {
  vi.stubEnv("AUTH_SECRET", "");
  vi.stubEnv("NODE_ENV", "production");
  expect(authSecret).toThrowError(/AUTH_SECRET is required in production.*openssl rand/s);
});

test.each([
  "x".repeat(64),
  "ab".repeat(32),
  "abcdefghijklmnopqrstuvwxyz0123456789",
  "correct horse battery".repeat(2),
])("production refuses a secret that is long and easily guessed, and does not repeat it: %s", (secret) => {
  vi.stubEnv("AUTH_SECRET", secret);
  vi.stubEnv("NODE_ENV", "production");
  expect(authSecret).toThrowError(/^AUTH_SECRET .* Make one with: openssl rand/);
  expect(authSecret).not.toThrowError(new RegExp(secret));
});

test("what a generator makes is strong enough, in every encoding", () => {
  for (let made = 0; made < 1_000; made += 1) {
    for (const encoding of ["hex", "base64", "base64url"] as const)
      expect(weaknessOf(randomBytes(24).toString(encoding))).toBeUndefined();
  }
});

test("a secret made in development is kept, for its owner only", async () => {
  const made = readOrMakeSecret(directory);
  expect(made.length).toBeGreaterThanOrEqual(64);
  expect(readOrMakeSecret(directory)).toBe(made);
  expect((await stat(join(directory, ".auth-secret"))).mode & 0o777).toBe(0o600);
});

test("processes that start at once agree on one secret and leave nothing else behind", async () => {
  const module = new URL("../src/auth-secret.ts", import.meta.url).href;
  const script = `import { readOrMakeSecret } from ${JSON.stringify(module)}; console.log(readOrMakeSecret(process.argv[1]));`;
  const run = () =>
    promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", script, directory],
      {
        cwd: import.meta.dirname,
      },
    );
  const outputs = await Promise.all([run(), run(), run()]);
  expect(new Set(outputs.map(({ stdout }) => stdout))).toHaveProperty("size", 1);
  expect(await readdir(directory)).toEqual([".auth-secret"]);
}, 20_000);
