import { GUESSES } from "./allowances.ts";
import { countAttempt, type Verdict } from "./attempts.ts";
import { securityLog } from "./security-log.ts";

/** Counts a code or a link that does not exist against its sender's address, and tells of the first that is refused. */
export async function countGuess(address: string): Promise<Verdict> {
  const verdict = await countAttempt(GUESSES, address);
  if (verdict.limited && verdict.isNews)
    securityLog("auth.limited", { portal: "tenant", address, reason: "codes" });
  return verdict;
}
