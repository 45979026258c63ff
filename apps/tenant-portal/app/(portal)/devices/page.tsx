import { listDevices } from "@openhouse/web/devices";
import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { DeviceList } from "@openhouse/web/ui/device-list";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { signOutDevices } from "./actions.ts";

export const metadata: Metadata = { title: "Your devices" };

export default guardPage("/devices", async function DevicesPage() {
  const session = await requireRole(["homeowner"]);
  const devices = await listDevices(session);
  return (
    <div className="mx-auto max-w-3xl space-y-8">
      <PageHeader
        title="Your devices"
        description="Where your home is open. A device that is not yours: sign it out, and tell your developer."
      />
      <DeviceList devices={devices} end={signOutDevices} />
    </div>
  );
});
