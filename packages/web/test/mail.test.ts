import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sendMail } from "../src/mail/send-mail.ts";
import { mailFaults, mailRoute } from "../src/mail/settings.ts";

const faultsOf = (settings: Record<string, string>) => mailFaults((name) => settings[name]);
const SERVER = {
  SMTP_URL: "smtp://user:secret@mail.example.com:587",
  MAIL_FROM: "Homes <homes@example.com>",
  PUBLIC_URL: "https://home.example.com",
};
const FOLDER = { MAIL_DIR: ".mails", PUBLIC_URL: "http://localhost:3001" };

test("no mail, a server with sender and origin, and a folder on this machine are no fault", () => {
  for (const settings of [{}, { PUBLIC_URL: "https://home.example.com" }, SERVER, FOLDER])
    expect(faultsOf(settings)).toEqual([]);
});

test.each([
  [{ ...SERVER, SMTP_URL: "mail.example.com:587" }, "SMTP_URL must be smtp://"],
  [{ ...SERVER, SMTP_URL: "https://mail.example.com" }, "SMTP_URL must be smtp://"],
  [{ ...SERVER, SMTP_URL: "smtp://mail.example.com/?pool=true" }, "SMTP_URL must be smtp://"],
  [{ ...SERVER, MAIL_FROM: "" }, "MAIL_FROM must be who mails are from"],
  [{ ...SERVER, MAIL_FROM: "homes@example.com\r\nBcc: x@example.com" }, "MAIL_FROM must be"],
  [{ ...SERVER, PUBLIC_URL: "" }, "PUBLIC_URL must be set"],
  [{ ...SERVER, MAIL_DIR: ".mails" }, "SMTP_URL and MAIL_DIR"],
  [{ ...FOLDER, PUBLIC_URL: "https://home.example.com" }, "MAIL_DIR is for development"],
])("%j is refused at start, without its password", (settings, fault) => {
  const faults = faultsOf(settings).join("\n");
  expect(faults).toContain(fault);
  expect(faults).not.toContain("secret");
});

test("a mail in a folder is a file that its owner alone reads", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mails-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const route = mailRoute((name) => (name === "MAIL_DIR" ? folder : undefined));
  await sendMail({ to: "a@example.com", subject: "S", text: "T" }, route);
  const [name = ""] = await readdir(folder);
  expect(await readFile(join(folder, name), "utf8")).toBe("To: a@example.com\nSubject: S\n\nT");
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});

test("a server is handed the mail for one recipient, however their address is written", async () => {
  const server = await startMailServer();
  const mail = { to: '"a,b"@example.com', subject: "Your link\r\nBcc: evil@example.com", text: "The link" };
  await sendMail(mail, { by: "smtp", url: new URL(server.url), from: "Homes <homes@example.com>" });
  const heard = server.heard();
  expect(heard.match(/^RCPT TO:.*$/gm)).toHaveLength(1);
  expect(heard).toContain("MAIL FROM:<homes@example.com>");
  expect(heard).not.toMatch(/^Bcc:/m);
  expect(heard).toContain("The link");
});

test("a server elsewhere that has no TLS is not spoken to", async () => {
  const server = await startMailServer();
  // Not by a name of this machine, and yet there.
  const url = new URL(server.url.replace("127.0.0.1", "[::ffff:7f00:1]"));
  const sent = sendMail(
    { to: "a@example.com", subject: "S", text: "T" },
    { by: "smtp", url, from: "h@example.com" },
  );
  await expect(sent).rejects.toMatchObject({ code: "ETLS" });
  expect(server.heard()).toContain("STARTTLS");
  expect(server.heard()).not.toContain("MAIL FROM");
});

/** Says yes to everything, and has no TLS. */
async function startMailServer(): Promise<{ url: string; heard: () => string }> {
  let heard = "";
  const server = createServer((socket) => {
    let inData = false;
    socket.on("error", () => {});
    socket.write("220 ready\r\n");
    socket.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
      for (const line of text.split("\r\n").filter((each) => each !== "" || inData)) {
        if (inData && line !== ".") continue;
        if (line.startsWith("EHLO")) socket.write("250-here\r\n250 8BITMIME\r\n");
        else if (line === "DATA") {
          inData = true;
          socket.write("354 go on\r\n");
        } else {
          inData = false;
          socket.write({ QUIT: "221 bye\r\n", STARTTLS: "502 no\r\n" }[line] ?? "250 yes\r\n");
        }
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard };
}
