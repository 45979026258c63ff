import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";

/** What a page shows: lines from above, "" for a gap; or what it is drawn with. */
export type PdfPage = readonly string[] | Buffer;

/** A PDF with pages of plain lines, as a program of the last century writes it. @param trailer further entries of its trailer */
export function makePdf(pages: readonly PdfPage[], trailer = ""): Uint8Array<ArrayBuffer> {
  const first = 4;
  const kids = pages.map((_, at) => `${first + 2 * at} 0 R`).join(" ");
  const objects: (string | Buffer)[] = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  for (const page of pages) {
    const content = Buffer.isBuffer(page) ? page : deflateSync(Buffer.from(drawn(page)));
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${objects.length + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      Buffer.concat([
        Buffer.from(`<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n`),
        content,
        Buffer.from("\nendstream"),
      ]),
    );
  }
  return written(objects, trailer);
}

const drawn = (lines: readonly string[]): string =>
  `BT /F1 12 Tf 14 TL 72 770 Td ${lines.map((line) => `(${line.replace(/[()\\]/g, "\\$&").replaceAll("•", "\\267")}) Tj T*`).join(" ")} ET`;

function written(objects: readonly (string | Buffer)[], trailer: string): Uint8Array<ArrayBuffer> {
  const parts = [Buffer.from("%PDF-1.4\n")];
  let length = parts[0]?.length ?? 0;
  const offsets: number[] = [];
  for (const [at, object] of objects.entries()) {
    offsets.push(length);
    const part = Buffer.concat([
      Buffer.from(`${at + 1} 0 obj\n`),
      Buffer.from(object),
      Buffer.from("\nendobj\n"),
    ]);
    parts.push(part);
    length += part.length;
  }
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${length}\n%%EOF`,
    ),
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** A trailer's entries that lock a file: nobody knows its password. */
export const LOCKED = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${"5a".repeat(32)}> /U <${"a5".repeat(32)}> >> /ID [<${"00".repeat(16)}> <${"00".repeat(16)}>]`;
