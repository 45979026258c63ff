import { expect, test } from "vitest";
import { tenantPortalFaults } from "../lib/tenant-portal.ts";

test.each(["", "http://localhost:3001", "https://home.example.com/", "https://example.com/homes"])(
  "codes may lead to %s",
  (address) => {
    expect(tenantPortalFaults(address)).toEqual([]);
  },
);

test.each([
  "home.example.com",
  "localhost:3001",
  "ftp://home.example.com",
  "https://amelia:hunter2@home.example.com",
  "https://home.example.com/?from=qr",
])("a portal whose codes would lead to %s does not start", (address) => {
  const faults = tenantPortalFaults(address);
  expect(faults).toEqual([expect.stringMatching(/^TENANT_PORTAL_URL .*for example/)]);
  expect(faults.join()).not.toContain("hunter2");
});
