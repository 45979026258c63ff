import { respond429 } from "@openhouse/web/current-response";
import { formatNumberOf, formatWait } from "@openhouse/web/format";
import { spend } from "@openhouse/web/quotas";

/** Counts a text that is uploaded; what to say, under status 429, where the company has none left today, else null. */
export async function spendUpload(who: {
  tenantId: string;
  subjectId: string;
}): Promise<{ ok: false; error: string } | null> {
  const usedUp = await spend(who, "company_uploads_a_day");
  if (usedUp === null) return null;
  respond429(usedUp.retryAfterSeconds);
  const most = formatNumberOf(usedUp.most, "document");
  return {
    ok: false,
    error: `Your company has uploaded ${most} today, and that is the most. The next one can be uploaded in ${formatWait(usedUp.retryAfterSeconds)}.`,
  };
}
