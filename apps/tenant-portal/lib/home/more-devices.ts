import { MOST_NEW_DEVICES } from "@openhouse/db/queries/sessions";

/** More would push what somebody came for off the screen. */
export const MOST_NAMED = 3;

/** What stands for the new devices that are not named; null where all are. @param listed how many the list has, which has an end */
export function moreDevices(listed: number): string | null {
  if (listed <= MOST_NAMED) return null;
  const most = listed >= MOST_NEW_DEVICES ? "at least " : "";
  return `and ${most}${listed - MOST_NAMED} more`;
}
