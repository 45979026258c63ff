/**
 * What an error of {@link sendMail} says of its mail:
 *
 * - `recipient`: the server does not take it for this address, or not this mail; others may go on;
 * - `not_sent`: it is not sent, and neither would the next one be: the server is away, or does not want us;
 * - `uncertain`: the connection was lost behind the mail, and the server may have taken it.
 */
export type MailFailure = "recipient" | "not_sent" | "uncertain";

/** Before a server has been handed anything. */
const BEFORE_ANY_MAIL = new Set(["EDNS", "ETLS", "EAUTH", "EREQUIRETLS"]);
const TIMEOUTS_BEFORE_ANY_MAIL = new Set(["CONNECT_TIMEOUT", "GREETING_TIMEOUT", "UPGRADE_TIMEOUT"]);
/** For want of a place to write to, where mails are kept in a folder. */
const OF_FILES = new Set(["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ENOSPC", "EROFS", "EDQUOT", "EMFILE"]);
/** "Service not available": of the whole server, whatever it was asked. */
const CLOSING = 421;

/** Judges by what nodemailer notes in its errors. What it does not know may have been sent. */
export function judgeMailError(error: unknown): MailFailure {
  const { code, command, responseCode, timeoutType, syscall } = Object(error);
  if (typeof responseCode === "number" && responseCode >= 400) {
    const isAboutThis = code === "EENVELOPE" || code === "EMESSAGE";
    return isAboutThis && command !== "MAIL FROM" && responseCode !== CLOSING ? "recipient" : "not_sent";
  }
  if (code === "EENVELOPE") return "recipient";
  const isBefore =
    BEFORE_ANY_MAIL.has(code) ||
    OF_FILES.has(code) ||
    TIMEOUTS_BEFORE_ANY_MAIL.has(timeoutType) ||
    syscall === "connect";
  return isBefore ? "not_sent" : "uncertain";
}
