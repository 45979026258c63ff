import { X509Certificate } from "node:crypto";
import { isError } from "../async/is-error.ts";
import { quote } from "./fault-messages.ts";
import { SYSTEM_CA } from "./tls.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Reads certificate authorities: PEM text (line breaks may be written \n, as .env files do), a file of it, or
 * "system" for the roots Node.js trusts.
 *
 * @param source how a fault names the setting, e.g. "DATABASE_SSL_CA"
 */
export function readAuthorities(value: string, source: string): { ca: string } | { fault: string } {
  if (value === SYSTEM_CA) return { ca: SYSTEM_CA };
  const inline = value.includes("-----BEGIN");
  let text = value.replaceAll("\\n", "\n");
  if (!inline) {
    try {
      text = process.getBuiltinModule("node:fs").readFileSync(value, "utf8");
    } catch (error) {
      const why = isError(error) && "code" in error ? String(error.code) : "unreadable";
      return {
        fault: `${source} is ${quote(value)}, a file that cannot be read (${why}); give the path of a PEM file, for example /etc/ssl/database-ca.pem, or PEM text`,
      };
    }
  }
  const where = inline ? "the text" : `the file ${quote(value)}`;
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    return {
      fault: `${source}: ${where} holds no "-----BEGIN CERTIFICATE-----"; give the provider's CA in PEM form`,
    };
  }
  const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (broken >= 0) {
    return {
      fault: `${source}: certificate ${broken + 1} in ${where} is damaged; download the provider's CA again`,
    };
  }
  return { ca: certificates.join("\n") };
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
