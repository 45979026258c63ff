import { clientAddress } from "@openhouse/web/client-address";
import { guardPage } from "@openhouse/web/page";
import { returnPath, withReturnPath } from "@openhouse/web/return-path";
import { currentSession } from "@openhouse/web/session";
import { previewLink } from "@openhouse/web/sign-in-link";
import { ButtonLink } from "@openhouse/web/ui/button";
import { Card } from "@openhouse/web/ui/card";
import type { Metadata } from "next";
import { Landing } from "../../../landing.tsx";
import { OpenAgainForm } from "./open-again-form.tsx";
import { REFUSALS } from "./refusals.ts";

export const metadata: Metadata = { title: "Open your home" };

interface LinkProps {
  params: Promise<{ token: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default guardPage("/sign-in/link/[token]", async function Link({ params, searchParams }: LinkProps) {
  const { token } = await params;
  const to = returnPath((await searchParams).to);
  const [preview, session] = await Promise.all([
    previewLink(token, await clientAddress()),
    currentSession("tenant"),
  ]);
  if (preview?.state === "open") {
    return (
      <Landing title={`Welcome back, ${preview.homeownerName}`}>
        <Card className="space-y-5">
          <div>
            <p className="text-sm text-muted">This link opens the portal of</p>
            <p className="text-lg font-semibold">{preview.unitLabel}</p>
            <p>{preview.developmentName}</p>
          </div>
          <OpenAgainForm token={token} to={to} />
        </Card>
        <p className="text-sm text-muted">
          The link works once. Not you? Leave it unopened and throw the mail away.
        </p>
      </Landing>
    );
  }
  return (
    <Landing title={session === null ? "This link does not open your home" : "You are in already"}>
      <p className="text-muted">{REFUSALS[preview?.state ?? "unknown"]}</p>
      <div className="flex flex-wrap gap-3">
        {session === null ? (
          <ButtonLink href={withReturnPath("/sign-in", to)}>
            {/* Of a home that was closed no link is sent, whoever asks for one. */}
            {preview?.state === "closed" ? "Type a code" : "Ask for a new link"}
          </ButtonLink>
        ) : (
          <ButtonLink href={to}>Go to your home</ButtonLink>
        )}
      </div>
    </Landing>
  );
});
