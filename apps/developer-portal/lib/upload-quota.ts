import { respond429 } from "@openhouse/web/current-response";
import { formatNumberOf, formatWait } from "@openhouse/web/format";
import { type Spender, spend } from "@openhouse/web/quotas";
import type { Uploader, UsedUp } from "./document-upload.ts";

/** Somebody who uploads one document, of which one is counted. */
export function uploaderOf(who: Spender): Uploader {
  let spent: Promise<UsedUp | null> | undefined;
  return {
    tenantId: who.tenantId,
    spend() {
      spent ??= spendUpload(who);
      return spent;
    },
  };
}

/** Counts a document that is uploaded; what to say, under status 429, where the company has none left today, else null. */
async function spendUpload(who: Spender): Promise<UsedUp | null> {
  const usedUp = await spend(who, "company_uploads_a_day");
  if (usedUp === null) return null;
  respond429(usedUp.retryAfterSeconds);
  const most = formatNumberOf(usedUp.most, "document");
  return {
    ok: false,
    error: `Your company has uploaded ${most} today, and that is the most. The next one can be uploaded in ${formatWait(usedUp.retryAfterSeconds)}.`,
  };
}
