import type { LinkRefusal } from "@openhouse/web/sign-in-link";

/** Why a link opens nothing, and what helps. */
export const REFUSALS = {
  unknown: "We do not know this link. Please open it from the mail as it is, or ask for a new one.",
  used: "It was used already. That is all right: each link opens your home once, and you can ask for a new one.",
  expired: "It is older than 15 minutes. You can ask for a new one.",
  closed:
    "Your developer has closed the way in by e-mail for this home. A new code of theirs opens it again.",
  limited: "There were too many attempts from here. Please wait a quarter of an hour and try again.",
} as const satisfies Record<LinkRefusal, string>;
