/** What is answered to a request that Next would not answer well, and by what it is known in the log. */
export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly words: string;
}

export const REFUSALS = {
  method: {
    status: 405,
    title: "That does not work here",
    words: "This address cannot be asked in that way.",
  },
  address: {
    status: 400,
    title: "There is no page here",
    words: "The address cannot be read; it may have a typo.",
  },
  form: {
    status: 400,
    title: "That could not be read",
    words: "Nothing was changed. Please open the page again, and send the form from there.",
  },
  no_page: {
    status: 404,
    title: "There is no page here",
    words: "The address may have a typo.",
  },
  cross_origin: {
    status: 403,
    title: "That did not come from here",
    words: "Nothing was changed. Please open the page again, and send the form from there.",
  },
  no_length: {
    status: 411,
    title: "That could not be read",
    words: "Nothing was changed. Please try it again.",
  },
  too_large: {
    status: 413,
    title: "That is too large",
    words: "Nothing was saved. A document has at most 1 MB; please split it into several.",
  },
} as const satisfies Record<string, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

const PREFIX = "/-/refused/";

/** The address that stands for a refusal within the portal. Whoever asks for it by themselves is refused all the same. */
export const refusalPath = (code: RefusalCode): string => `${PREFIX}${code}`;

/** The refusal of an address of `refusalPath`; undefined for every other address. */
export function refusalAt(path: string): Refusal | undefined {
  const code = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : "";
  return Object.entries(REFUSALS).find(([name]) => name === code)?.[1];
}
