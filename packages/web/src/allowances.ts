import type { Allowance } from "./attempts.ts";

const WINDOW_SECONDS = 15 * 60;

/** Onboarding codes of one address that do not exist. The looks are for a building where somebody else has guessed: a code that exists gets in with one. */
export const GUESSES: Allowance = {
  name: "onboarding-address",
  attempts: 30,
  windowSeconds: WINDOW_SECONDS,
  looks: { burst: 5, everyMs: 2_000 },
};

/** Passwords from one address. */
export const PER_ADDRESS: Allowance = {
  name: "sign-in-address",
  attempts: 30,
  windowSeconds: WINDOW_SECONDS,
};

/** Of an account from one address. Nobody can use up its owner's, who is elsewhere. */
export const ACCOUNT_HERE: Allowance = {
  name: "sign-in-account",
  attempts: 5,
  windowSeconds: WINDOW_SECONDS,
};

/** Of a browser that has signed in to this account: its owner's, whatever others do at the same address. */
export const PER_DEVICE: Allowance = {
  name: "sign-in-device",
  attempts: 10,
  windowSeconds: WINDOW_SECONDS,
};

/** Of an account from everywhere: they are not refused, but slowed down. */
export const ACCOUNT_ANYWHERE = { name: "sign-in-account-anywhere", windowSeconds: WINDOW_SECONDS };

/** Links that are asked for from one address. */
export const LINKS_PER_ADDRESS: Allowance = {
  name: "link-address",
  attempts: 30,
  windowSeconds: WINDOW_SECONDS,
};

/** Mails to one e-mail address, whoever asks for them, and whether or not it is on file. */
export const LINKS_PER_EMAIL: Allowance = {
  name: "link-email",
  attempts: 5,
  windowSeconds: WINDOW_SECONDS,
};
