import { clientAddress } from "@openhouse/web/client-address";
import { previewCode } from "@openhouse/web/onboarding";
import { guardPage } from "@openhouse/web/page";
import { returnPath, withReturnPath } from "@openhouse/web/return-path";
import { currentSession } from "@openhouse/web/session";
import { ButtonLink } from "@openhouse/web/ui/button";
import { Card } from "@openhouse/web/ui/card";
import type { Metadata } from "next";
import { Landing } from "../../landing.tsx";
import { OpenHomeForm } from "./open-home-form.tsx";
import { REFUSALS } from "./refusals.ts";

export const metadata: Metadata = { title: "Open your home" };

interface OnboardProps {
  params: Promise<{ code: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default guardPage("/onboard/[code]", async function Onboard({ params, searchParams }: OnboardProps) {
  const { code } = await params;
  const to = returnPath((await searchParams).to);
  const [preview, session] = await Promise.all([
    previewCode(code, await clientAddress()),
    currentSession("tenant"),
  ]);
  if (preview?.state === "open") {
    return (
      <Landing title={`Welcome, ${preview.homeownerName}`}>
        <Card className="space-y-5">
          <div>
            <p className="text-sm text-muted">This code opens the portal of</p>
            <p className="text-lg font-semibold">{preview.unitLabel}</p>
            <p>{preview.developmentName}</p>
          </div>
          <OpenHomeForm code={code} to={to} />
        </Card>
        <p className="text-sm text-muted">
          The code works once. Not you? Leave it unopened and give the paper back to your developer.
        </p>
      </Landing>
    );
  }
  return (
    <Landing title={session === null ? "This code does not work" : "You are in already"}>
      <p className="text-muted">{REFUSALS[preview?.state ?? "unknown"]}</p>
      <div className="flex flex-wrap gap-3">
        {session === null ? (
          <ButtonLink href={withReturnPath("/sign-in", to)}>Type another code</ButtonLink>
        ) : (
          <ButtonLink href={to}>Go to your home</ButtonLink>
        )}
      </div>
    </Landing>
  );
});
