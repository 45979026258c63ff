import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { findFactor } from "@openhouse/web/second-factor";
import { Badge } from "@openhouse/web/ui/badge";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { QrCode } from "../../../components/qr-code.tsx";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { TwoStep } from "./two-step.tsx";

export const metadata: Metadata = { title: "Two-step sign-in" };

export default guardPage("/two-step", async function TwoStepPage() {
  const { tenantId, staff } = await requireRole(ANY_STAFF);
  const factor = await findFactor({ tenantId, staffId: staff.id }, staff.email);
  const isOn = factor.state === "on";
  return (
    <div className="mx-auto max-w-3xl space-y-8">
      <PageHeader
        title="Two-step sign-in"
        description="A code of your phone beside your password: who learns the password alone does not get in."
        back={{ href: "/devices", label: "Your devices" }}
        badge={<Badge tone={isOn ? "good" : "neutral"}>{isOn ? "On" : "Off"}</Badge>}
      />
      {factor.state === "pending" ? (
        <TwoStep factor={{ state: "pending" }}>
          <Secret {...factor} />
        </TwoStep>
      ) : (
        <TwoStep factor={factor} />
      )}
    </div>
  );
});

function Secret({ secret, uri }: { secret: string; uri: string }) {
  return (
    <div className="grid items-center gap-6 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <QrCode
        text={uri}
        label="QR code for your authenticator app"
        className="mx-auto w-full max-w-48 rounded-lg"
      />
      <div className="space-y-3 text-sm">
        <p>Scan this with your authenticator app, then enter the code that it shows.</p>
        <div>
          <p className="text-muted">No camera? Enter this key in the app instead:</p>
          <p className="mt-1 font-mono font-semibold break-words" data-secret={secret}>
            {secret.match(/.{1,4}/g)?.join(" ")}
          </p>
        </div>
      </div>
    </div>
  );
}
