import type { CodeRefusal } from "@openhouse/web/onboarding";

/** Why a code opens nothing, and what helps. */
export const REFUSALS = {
  unknown: "Nobody was given this code. Please check it against the paper, letter by letter.",
  used: "It was used already. Each code opens a home once; your developer makes you a new one.",
  expired: "It has expired. Your developer makes you a new one.",
  revoked:
    "It was withdrawn. If you were given a newer code, please use that one; if not, your developer makes you one.",
  limited: "There were too many attempts from here. Please wait a quarter of an hour and try again.",
} as const satisfies Record<CodeRefusal, string>;
