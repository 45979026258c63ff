import { randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isThisMachine } from "@openhouse/db/this-machine";
import { processGlobal } from "@openhouse/pool/process";
import type { Transporter } from "nodemailer";
import { log } from "../log.ts";
import { type MailRoute, mailRoute } from "./settings.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Each step of speaking to the server. */
const STEP_MS = 10_000;

const transports = processGlobal("web/mail-transports", () => new Map<string, Transporter>());

/** Whether mails can be sent at all. */
export const canSendMail = (): boolean => mailRoute().by !== "none";

/** Says at start where mails are kept instead of sent. */
export function tellMailRoute(): void {
  const route = mailRoute();
  if (route.by === "folder") log.warn("web.mail_to_folder", { folder: route.folder });
}

/**
 * Sends one mail, or puts it into the folder. Waits for the server, 10 s at most for each step.
 *
 * @throws errors of the server, of the network, or of the file system; {@link Error} where nothing is set.
 */
export async function sendMail(mail: Mail, route: MailRoute = mailRoute()): Promise<void> {
  if (route.by === "none")
    throw new Error("no SMTP_URL and no MAIL_DIR is set: there is no way to send mail");
  if (route.by === "folder") return keepMail(mail, route.folder);
  const { to: address, subject, text } = mail;
  const transport = await transportOf(route.url);
  // As an object, so that no comma in an address makes two of it.
  await transport.sendMail({ from: route.from, to: { name: "", address }, subject, text });
}

async function transportOf(url: URL): Promise<Transporter> {
  const known = transports.get(url.href);
  if (known !== undefined) return known;
  const { createTransport } = await import("nodemailer");
  const secure = url.protocol === "smtps:";
  const made = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A mail lets somebody into a home: it crosses no network in the clear.
    requireTLS: !secure && !isThisMachine(url.hostname),
    ...(url.username !== "" && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transports.set(url.href, made);
  return made;
}

/**
 * Readable by its owner alone, as it lets in whoever reads it; the newest is the last by name. It has that name once it is whole:
 * somebody may be watching the folder.
 */
async function keepMail({ to, subject, text }: Mail, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = new Date().toISOString().replace(/[:.]/g, "-");
  const name = `${at}-${randomBytes(4).toString("hex")}.txt`;
  const unfinished = join(folder, `.${name}`);
  await writeFile(unfinished, `To: ${to}\nSubject: ${subject}\n\n${text}`, { flag: "wx", mode: 0o600 });
  await rename(unfinished, join(folder, name));
}
