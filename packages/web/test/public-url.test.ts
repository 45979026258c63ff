import { afterEach, expect, test, vi } from "vitest";
import { arrivedOverTls, publicUrlFaults } from "../src/public-url.ts";

afterEach(() => vi.unstubAllEnvs());

const stub = (NODE_ENV: string, PUBLIC_URL: string) => {
  vi.stubEnv("NODE_ENV", NODE_ENV);
  vi.stubEnv("PUBLIC_URL", PUBLIC_URL);
};

test("the scheme of PUBLIC_URL says whether visitors come over TLS", () => {
  stub("production", "https://home.example.com");
  expect(arrivedOverTls(null)).toBe(true);
  expect(arrivedOverTls("http")).toBe(true);
  stub("production", "http://localhost:3001");
  expect(arrivedOverTls(undefined)).toBe(false);
});

test("without PUBLIC_URL visitors come over TLS in production, and do not in development", () => {
  stub("production", "");
  expect(arrivedOverTls(null)).toBe(true);
  stub("development", "");
  expect(arrivedOverTls(null)).toBe(false);
});

test("a proxy that says https is believed, the first of several", () => {
  stub("production", "http://localhost:3001");
  expect(["https", "https, http", "http, https", "http"].map(arrivedOverTls)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("a PUBLIC_URL that is no origin is a fault", () => {
  for (const text of ["", "https://a.example", "http://localhost:3000/"])
    expect(publicUrlFaults(text)).toEqual([]);
  for (const text of [
    "a.example",
    "ftp://a.example",
    "https://a.example/home",
    "https://u:p@a.example",
    "https://",
  ])
    expect(publicUrlFaults(text)).toEqual([expect.stringContaining("PUBLIC_URL must be")]);
});
