import { passageHref } from "@openhouse/web/passage-link";
import { Card } from "@openhouse/web/ui/card";
import Link from "next/link";
import type { Contact } from "../../../lib/home/contact.ts";

const LINK = "font-semibold text-accent underline underline-offset-2";

/** Whom to call: number and address to press, and what the developer's own document says about them. */
export function ContactCard({ phone, email, says, source }: Contact) {
  return (
    <Card className="space-y-3 text-sm">
      <p className="flex flex-wrap gap-x-6 gap-y-2 text-base">
        <a href={`tel:${phone.replaceAll(" ", "")}`} className={LINK}>
          {phone}
        </a>
        {email !== null && (
          <a href={`mailto:${email}`} className={LINK}>
            {email}
          </a>
        )}
      </p>
      <p className="text-muted">{says}</p>
      <p className="text-xs text-muted">
        From{" "}
        <Link href={passageHref(source.documentId, source.position)} prefetch={false} className="underline">
          your handover papers
        </Link>
        .
      </p>
    </Card>
  );
}
