import { listDevices } from "@openhouse/web/devices";
import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { hasFactor } from "@openhouse/web/second-factor";
import { Badge } from "@openhouse/web/ui/badge";
import { ButtonLink } from "@openhouse/web/ui/button";
import { DeviceList } from "@openhouse/web/ui/device-list";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { signOutDevices } from "./actions.ts";

export const metadata: Metadata = { title: "Your devices" };

export default guardPage("/devices", async function DevicesPage() {
  const session = await requireRole(ANY_STAFF);
  const owner = { tenantId: session.tenantId, staffId: session.staff.id };
  const [devices, twoStep] = await Promise.all([listDevices(session), hasFactor(owner)]);
  return (
    <div className="mx-auto max-w-3xl space-y-8">
      <PageHeader
        title="Your devices"
        description="Where you are signed in to this portal. Sign out whatever you do not know."
      />
      <DeviceList devices={devices} end={signOutDevices} />
      <Section
        title="Password"
        description="Changing it signs you out on your other devices."
        actions={
          <ButtonLink look="secondary" href="/password" prefetch={false}>
            New password
          </ButtonLink>
        }
      >
        {null}
      </Section>
      <Section
        title="Two-step sign-in"
        description="A code of your phone beside your password."
        actions={
          <span className="flex items-center gap-3">
            <Badge tone={twoStep ? "good" : "neutral"}>{twoStep ? "On" : "Off"}</Badge>
            <ButtonLink look="secondary" href="/two-step">
              {twoStep ? "Change" : "Set up"}
            </ButtonLink>
          </span>
        }
      >
        {null}
      </Section>
    </div>
  );
});
