import { expect, test } from "vitest";
import { deviceName, deviceOf } from "../src/device.ts";

const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/";
const SEEN: [userAgent: string, name: string][] = [
  [`${MAC}537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36`, "Chrome on macOS"],
  [`${MAC}605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`, "Safari on macOS"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Samsung Internet on Android",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
    "Chrome on iPhone",
  ],
  [
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36",
    "Chrome on ChromeOS",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/141.0.0.0 Safari/537.36",
    "Chrome on Linux",
  ],
  ["Dalvik/2.1.0 (Linux; Android 14)", "Android"],
  ["curl/8.5.0", "A browser that does not say its name"],
  ["<script>alert(1)</script>", "A browser that does not say its name"],
  ["x".repeat(1_000_000), "A browser that does not say its name"],
];

test.for(SEEN)("a browser is told by its family and system: %s", ([userAgent, name]) => {
  expect(deviceName(deviceOf(userAgent))).toBe(name);
});

test("a browser that says nothing is nothing", () => {
  expect(deviceOf(null)).toEqual({ browser: null, system: null });
});
