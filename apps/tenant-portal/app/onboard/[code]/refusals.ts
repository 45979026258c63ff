/** Why a code opens nothing, and what helps. */
export const REFUSALS = {
  unknown: "Nobody was given this code. Please check it against the paper, letter by letter.",
  used: "It was used already. Each code opens a home once; your developer makes you a new one.",
  expired: "It has expired. Your developer makes you a new one.",
  revoked: "It was replaced by a newer one. Please use the newest code you were given.",
  limited: "There were too many attempts from here. Please wait a quarter of an hour and try again.",
} as const;
