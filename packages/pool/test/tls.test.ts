import { rootCertificates } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../testing/src/index.ts";
import { connectionOptions } from "../src/config/connection-options.ts";
import { classifyError, type ErrorClass } from "../src/errors/classify.ts";
import { type Authority, type Certificate, makeAuthority, makeSelfSigned } from "./support/certificates.ts";

const TLS = { ssl: "on", ssl_cert_file: "server.crt", ssl_key_file: "server.key" };
const files = ({ pem, keyPem }: Certificate) => ({ "server.crt": pem, "server.key": keyPem });
const TLS_REFUSED = { kind: "tls", retry: "never", unavailable: true };

let authority: Authority;
let stranger: Authority;
let signed: EmbeddedPostgres;
let elsewhere: EmbeddedPostgres;
let selfSigned: EmbeddedPostgres;
let plain: EmbeddedPostgres;
let selfSignedCertificate: Certificate;

beforeAll(async () => {
  authority = await makeAuthority("right");
  stranger = await makeAuthority("wrong");
  selfSignedCertificate = await makeSelfSigned(["127.0.0.1", "localhost"]);
  const here = await authority.issue(["127.0.0.1", "localhost"]);
  const there = await authority.issue(["db.example.com"]);
  const start = (name: string, options: object) =>
    startEmbeddedPostgres({ name, temporary: true, ...options });
  signed = await start("tls-signed", { settings: TLS, files: files(here) });
  elsewhere = await start("tls-elsewhere", { settings: TLS, files: files(there) });
  selfSigned = await start("tls-self-signed", { settings: TLS, files: files(selfSignedCertificate) });
  plain = await start("tls-plain", {});
}, 60_000);

afterAll(async () => {
  for (const server of [signed, elsewhere, selfSigned, plain]) await server?.stop("immediate");
});

/** Connects as the settings say; the protocol in use ("none" without TLS), or what the error is. */
async function connect(
  server: EmbeddedPostgres,
  query: string,
  env: Record<string, string>,
): Promise<string | ErrorClass> {
  const options = connectionOptions(`${server.url}${query && `?${query}`}`, env);
  const client = new pg.Client({ ...options, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {}); // the socket's end after a refused handshake
  try {
    await client.connect();
    const { rows } = await client.query(
      "select coalesce(version, 'none') as version from pg_stat_ssl where pid = pg_backend_pid()",
    );
    return String(rows[0]?.version);
  } catch (error) {
    return classifyError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

const ENCRYPTED = expect.stringMatching(/^TLSv1\.[23]$/);

describe("a server whose certificate an authority has signed", () => {
  test("is verified with that authority", async () => {
    expect(
      await connect(signed, "", { DATABASE_SSL: "verify-full", DATABASE_SSL_CA: authority.pem }),
    ).toEqual(ENCRYPTED);
    expect(await connect(signed, "sslmode=require", { DATABASE_SSL_CA: authority.pem })).toEqual(ENCRYPTED);
  });

  test("is verified where several authorities are given, as a provider's bundle does", async () => {
    const bundle = `${rootCertificates[0]}\n${stranger.pem}${authority.pem}`;
    expect(await connect(signed, "", { DATABASE_SSL: "verify-full", DATABASE_SSL_CA: bundle })).toEqual(
      ENCRYPTED,
    );
  });

  test.each(["verify-full", "verify-ca", "require"])(
    "is refused with another authority: %s",
    async (mode) => {
      expect(await connect(signed, "", { DATABASE_SSL: mode, DATABASE_SSL_CA: stranger.pem })).toEqual(
        TLS_REFUSED,
      );
    },
  );

  test("is refused with the roots that Node.js trusts", async () => {
    expect(await connect(signed, "", { DATABASE_SSL: "verify-full" })).toEqual(TLS_REFUSED);
    expect(await connect(signed, "sslmode=require&sslrootcert=system", {})).toEqual(TLS_REFUSED);
  });

  test("is spoken to in the clear from the same machine, unless TLS is asked for", async () => {
    expect(await connect(signed, "", {})).toBe("none");
    expect(await connect(signed, "sslmode=prefer", {})).toBe("none");
    expect(await connect(signed, "", { DATABASE_SSL: "true" })).toEqual(ENCRYPTED);
  });

  test("is authenticated where the URL asks for channel binding", async () => {
    expect(
      await connect(signed, "channel_binding=require&sslmode=require", { DATABASE_SSL_CA: authority.pem }),
    ).toEqual(ENCRYPTED);
  });
});

describe("a server whose certificate is for another host", () => {
  test("is refused in verify-full", async () => {
    expect(
      await connect(elsewhere, "", { DATABASE_SSL: "verify-full", DATABASE_SSL_CA: authority.pem }),
    ).toEqual(TLS_REFUSED);
  });

  test("is accepted in verify-ca, if the authority is the right one", async () => {
    expect(
      await connect(elsewhere, "", { DATABASE_SSL: "verify-ca", DATABASE_SSL_CA: authority.pem }),
    ).toEqual(ENCRYPTED);
    expect(
      await connect(elsewhere, "", { DATABASE_SSL: "verify-ca", DATABASE_SSL_CA: stranger.pem }),
    ).toEqual(TLS_REFUSED);
  });
});

describe("a server with a self-signed certificate", () => {
  test("is refused, unless the policy says to encrypt only", async () => {
    expect(await connect(selfSigned, "", { DATABASE_SSL: "verify-full" })).toEqual(TLS_REFUSED);
    expect(
      await connect(selfSigned, "", { DATABASE_SSL: "verify-full", DATABASE_SSL_CA: authority.pem }),
    ).toEqual(TLS_REFUSED);
    expect(await connect(selfSigned, "", { DATABASE_SSL: "no-verify" })).toEqual(ENCRYPTED);
    expect(await connect(selfSigned, "sslmode=no-verify", {})).toEqual(ENCRYPTED);
  });

  test("is verified where the certificate itself is given", async () => {
    const env = { DATABASE_SSL: "verify-full", DATABASE_SSL_CA: selfSignedCertificate.pem };
    expect(await connect(selfSigned, "", env)).toEqual(ENCRYPTED);
  });
});

test("a server without TLS is refused where TLS is asked for, encrypted or verified", async () => {
  for (const mode of ["no-verify", "require", "verify-full"]) {
    expect(await connect(plain, "", { DATABASE_SSL: mode })).toEqual(TLS_REFUSED);
  }
  expect(await connect(plain, "", {})).toBe("none");
});

test("PGSSLMODE changes nothing, because ssl is always explicit", async () => {
  process.env.PGSSLMODE = "require";
  try {
    expect(await connect(plain, "", {})).toBe("none");
  } finally {
    delete process.env.PGSSLMODE;
  }
});

test("a wrong password is not taken for TLS trouble", async () => {
  const options = connectionOptions(signed.url, {
    DATABASE_SSL: "verify-full",
    DATABASE_SSL_CA: authority.pem,
  });
  const client = new pg.Client({ ...options, password: "wrong" });
  await expect(client.connect().catch((error: unknown) => classifyError(error).kind)).resolves.toBe("auth");
  await client.end().catch(() => {});
});
