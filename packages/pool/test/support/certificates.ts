// First, because @peculiar/x509 refuses to load without it.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** A certificate with its private key, as files of a Postgres server hold them. */
export interface Certificate {
  readonly pem: string;
  readonly keyPem: string;
}

export interface Authority extends Certificate {
  /** A server certificate for DNS names and IP addresses. */
  issue(hosts: readonly string[]): Promise<Certificate>;
}

/** Makes a certificate authority that nobody trusts but who is given its `pem`. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...frame(),
    name: `CN=${name} test authority`,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    ...(await toPem(certificate, keys)),
    async issue(hosts) {
      const serverKeys = await makeKeys();
      const issued = await x509.X509CertificateGenerator.create({
        ...frame(),
        subject: "CN=server",
        issuer: certificate.subject,
        publicKey: serverKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: serverExtensions(hosts),
      });
      return toPem(issued, serverKeys);
    },
  };
}

/** A server certificate that no authority has signed. */
export async function makeSelfSigned(hosts: readonly string[]): Promise<Certificate> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...frame(),
    name: "CN=self-signed server",
    keys,
    extensions: serverExtensions(hosts),
  });
  return toPem(certificate, keys);
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function frame() {
  const now = Date.now();
  return {
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + DAY_MS),
    signingAlgorithm: ALGORITHM,
  };
}

function serverExtensions(hosts: readonly string[]): x509.Extension[] {
  const names = hosts.map((host) => ({
    type: /^[\d.]+$|:/.test(host) ? ("ip" as const) : ("dns" as const),
    value: host,
  }));
  return [
    new x509.SubjectAlternativeNameExtension(names),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ];
}

async function toPem(certificate: x509.X509Certificate, keys: CryptoKeyPair): Promise<Certificate> {
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    pem: `${certificate.toString("pem")}\n`,
    keyPem: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
