import { isMailable } from "@openhouse/db/email";
import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { chooseAddress } from "../src/client-address.ts";
import { email, line, readFields } from "../src/form-fields.ts";
import { knownDevice } from "../src/known-device.ts";
import { isSameOrigin } from "../src/origin.ts";
import { refusalOf } from "../src/refuse-early.ts";
import { returnPath } from "../src/return-path.ts";
import { safeLink } from "../src/safe-link.ts";
import { verifySessionToken } from "../src/session-token.ts";

beforeAll(() => void vi.stubEnv("AUTH_SECRET", "a secret of at least 32 characters, one"));
afterAll(() => vi.unstubAllEnvs());

const headers = (sent: Record<string, string>) => ({ get: (name: string) => sent[name] ?? null });
const times = (piece: string) => (length: number) => piece.repeat(length / piece.length);

/** What strangers may send in a header, an address or a field, about as long as asked. */
const SHAPES: Record<string, (length: number) => string> = {
  commas: times(","),
  "brackets that open": times("["),
  colons: times(":"),
  "colons and digits": times("1:"),
  digits: times("1"),
  "digits and dots": times("1."),
  percent: times("%"),
  "escaped slashes": times("%2F"),
  "a word": times("a"),
  dots: times("."),
  "at signs": times("@"),
  "an e-mail address with many dots": (length) => `a@${"a.".repeat(length / 2)}`,
  "an e-mail address with dots and no end": (length) => `a@${".".repeat(length)} `,
  blanks: (length) => `a${" ".repeat(length)}a`,
  slashes: times("/"),
  "folders and back": (length) => `/${"a/../".repeat(length / 5)}`,
  backslashes: (length) => `/${"\\".repeat(length)}`,
  "a token without dots": (length) => `eyJ${"a".repeat(length)}`,
  "a token of dots": (length) => `eyJ${".eyJ".repeat(length / 4)}`,
  "a token with a long header": (length) =>
    `${Buffer.from(JSON.stringify({ alg: "HS256", kid: "a".repeat(length / 2) })).toString("base64url")}.e30.e30`,
  "a device's cookie without an end": (length) => `${"a".repeat(22)}.1234567890.${"a".repeat(length)}`,
  "signs of direction": times("\u202E"),
  "joined pictures": times("👩\u200D"),
};

const PARSERS: Record<string, (text: string) => unknown> = {
  "the address that a proxy wrote": (forwardedFor) =>
    chooseAddress({ peer: "10.0.0.1", forwardedFor, proxies: 1 }),
  "the address of a peer": (peer) => chooseAddress({ peer, forwardedFor: null, proxies: 0 }),
  "a session's token": (token) => verifySessionToken("tenant", token),
  "a device's cookie": (cookie) => knownDevice("a@b.example", cookie),
  "the Origin": (origin) => isSameOrigin(headers({ origin, host: "a.example" })),
  "the host": (host) => isSameOrigin(headers({ origin: "http://a.example", host })),
  "the path": (url) => refusalOf({ method: "POST", url, headers: {} }),
  "where to go on": returnPath,
  "a link": safeLink,
  "an e-mail address": isMailable,
  "a form's e-mail address": (typed) => readFields({ typed: email("none") }, { typed }),
  "a form's line": (typed) => readFields({ typed: line("none") }, { typed }),
};

for (const [parser, parse] of Object.entries(PARSERS)) {
  test.each(Object.entries(SHAPES))(
    `reading %s as ${parser} takes as much more as it is longer`,
    async (_what, shape) => {
      const { ratio, figures } = await growthOf(parse, shape);
      expect(ratio, figures).toBeLessThan(MOST_GROWTH);
    },
  );
}
