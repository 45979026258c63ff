import { expect, test } from "vitest";
import type { Passage } from "../lib/chat/chat-message.ts";
import { readContact } from "../lib/home/contact.ts";
import { moreDevices } from "../lib/home/more-devices.ts";
import { visitsAt, visitsCookie } from "../lib/home/visits.ts";

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const HANNAH = "11111111-1111-4111-8111-111111111111";

test("a visit goes on for half an hour after each page, and what came since the one before is new for as long", () => {
  const first = visitsAt(NOW_MS, HANNAH, undefined);
  expect(first).toEqual({ previousMs: NOW_MS, lastMs: NOW_MS });
  const later = visitsAt(NOW_MS + 29 * MINUTE_MS, HANNAH, visitsCookie(HANNAH, first));
  expect(later).toEqual({ previousMs: NOW_MS, lastMs: NOW_MS + 29 * MINUTE_MS });
  const next = visitsAt(NOW_MS + 90 * MINUTE_MS, HANNAH, visitsCookie(HANNAH, later));
  expect(next).toEqual({ previousMs: NOW_MS + 29 * MINUTE_MS, lastMs: NOW_MS + 90 * MINUTE_MS });
});

test("another homeowner's cookie, one of the future and what is none begin a first visit", () => {
  const cookie = visitsCookie(HANNAH, { previousMs: 1, lastMs: 2 });
  expect(visitsAt(NOW_MS, HANNAH, cookie).previousMs).toBe(2);
  const future = visitsCookie(HANNAH, { previousMs: 1, lastMs: NOW_MS + 1 });
  const other = cookie.replaceAll("1111", "2222");
  for (const none of [other, future, "", "a.b.c", `${HANNAH}.1`, `${HANNAH}.1.-2`, `${HANNAH}.1.1e3`])
    expect(visitsAt(NOW_MS, HANNAH, none), none).toEqual({ previousMs: NOW_MS, lastMs: NOW_MS });
});

test("new devices that are not named are counted, as far as their list goes", () => {
  expect([1, 3, 4, 99, 100].map(moreDevices)).toEqual([
    null,
    null,
    "and 1 more",
    "and 96 more",
    "and at least 97 more",
  ]);
});

const passage = (heading: string, excerpt: string): Passage => ({
  documentId: "d",
  title: "Your handover",
  heading,
  position: 5,
  excerpt,
});

test("the contact is what a document says of it, and none where no document does", () => {
  const says =
    "The customer care team answers on 0117 496 0142 or write to care@harbourvale.example. Outside these hours the same number connects you to the emergency line.";
  expect(
    readContact([passage("Faults", "Call Wharfside on 0117 496 0177."), passage("Who to call", says)]),
  ).toEqual({
    phone: "0117 496 0142",
    email: "care@harbourvale.example",
    says,
    source: expect.objectContaining({ documentId: "d", position: 5 }),
  });
  expect(readContact([passage("Faults", "Call Wharfside on 0117 496 0177.")])).toBeNull();
  expect(readContact([])).toBeNull();
});
