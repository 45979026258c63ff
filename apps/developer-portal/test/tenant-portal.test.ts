import { expect, test } from "vitest";
import { tenantPortalFaults } from "../lib/tenant-portal.ts";

const faultsOf = (settings: Record<string, string>) => tenantPortalFaults((name) => settings[name]);

test.each(["", "http://localhost:3001", "https://home.example.com/", "https://example.com/homes"])(
  "codes may lead to %s",
  (address) => {
    expect(faultsOf({ TENANT_PORTAL_URL: address })).toEqual([]);
  },
);

test.each([
  "home.example.com",
  "localhost:3001",
  "ftp://home.example.com",
  "https://amelia:hunter2@home.example.com",
  "https://home.example.com/?from=qr",
])("a portal whose codes would lead to %s does not start", (address) => {
  const faults = faultsOf({ TENANT_PORTAL_URL: address });
  expect(faults).toEqual([expect.stringMatching(/^TENANT_PORTAL_URL .*for example/)]);
  expect(faults.join()).not.toContain("hunter2");
});

test.each(["", "  "])("a portal that mails codes says where they lead, not %j", (address) => {
  const SMTP_URL = "smtp://user:hunter2@mail.example.com";
  const faults = faultsOf({ SMTP_URL, TENANT_PORTAL_URL: address });
  expect(faults).toEqual([expect.stringMatching(/^TENANT_PORTAL_URL must be set where SMTP_URL is/)]);
  expect(faults.join()).not.toContain("hunter2");
  expect(faultsOf({ SMTP_URL, TENANT_PORTAL_URL: "https://home.example.com" })).toEqual([]);
});
