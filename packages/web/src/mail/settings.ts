import { resolve } from "node:path";
import { isThisMachine } from "@openhouse/db/this-machine";
import { setting } from "../settings.ts";

type Read = (name: string) => string | undefined;

/** Where mails go. */
export type MailRoute =
  | { readonly by: "smtp"; readonly url: URL; readonly from: string }
  /** A file a mail: nobody is sent anything. */
  | { readonly by: "folder"; readonly folder: string }
  | { readonly by: "none" };

/** `name@host`, or `Words <name@host>`; no more of the grammar than senders use. */
const SENDER = /^(?:[^<>"\r\n]+ <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** What `SMTP_URL`, `MAIL_FROM` and `MAIL_DIR` ask for; they have been checked by {@link mailFaults}. */
export function mailRoute(read: Read = setting): MailRoute {
  const url = read("SMTP_URL")?.trim();
  if (url) return { by: "smtp", url: new URL(url), from: read("MAIL_FROM")?.trim() ?? "" };
  const folder = read("MAIL_DIR")?.trim();
  return folder ? { by: "folder", folder: resolve(folder) } : { by: "none" };
}

/** What is wrong with the settings of mail; empty where nothing is. No value is repeated: the URL holds a password. */
export function mailFaults(read: Read = setting): readonly string[] {
  const [url, from, folder, publicUrl] = ["SMTP_URL", "MAIL_FROM", "MAIL_DIR", "PUBLIC_URL"].map((name) =>
    read(name)?.trim(),
  );
  if (!url && !folder) return [];
  const faults: string[] = [];
  if (url && folder) faults.push("SMTP_URL and MAIL_DIR: mails go to one of them; unset the other");
  // Not the Host of a request, which whoever asks for the mail may choose.
  if (!publicUrl)
    faults.push("PUBLIC_URL must be set where mails are sent: links to this portal begin with it");
  if (url && !isServer(url))
    faults.push("SMTP_URL must be smtp://user:password@host:port, or smtps:// for TLS from the first byte");
  if (url && !SENDER.test(from ?? ""))
    faults.push("MAIL_FROM must be who mails are from, for example MAIL_FROM=Homes <homes@example.com>");
  if (folder && publicUrl && URL.canParse(publicUrl) && !isThisMachine(new URL(publicUrl).hostname))
    faults.push("MAIL_DIR is for development: nobody would be sent a mail. Set SMTP_URL instead");
  return faults;
}

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== "smtp:" && protocol !== "smtps:") return false;
  return hostname !== "" && pathname.replace("/", "") + search + hash === "";
}
