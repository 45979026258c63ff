import { respondWith } from "@openhouse/web/current-response";
import { guardPage } from "@openhouse/web/page";
import { findPasswordLink } from "@openhouse/web/staff-accounts";
import { Card } from "@openhouse/web/ui/card";
import { Wordmark } from "@openhouse/web/ui/wordmark";
import type { Metadata } from "next";
import Link from "next/link";
import { NEW_PASSWORD_FIELDS } from "../../../components/password-fields.ts";
import { RecordForm } from "../../../components/record-form.tsx";
import { setPassword } from "./actions.ts";

export const metadata: Metadata = { title: "Choose a password", robots: { index: false } };

/** Looking at it uses nothing up: a preview of the link may have looked before. */
export default guardPage(
  "/join/[token]",
  async function Join({ params }: { params: Promise<{ token: string }> }) {
    const { token } = await params;
    const found = await findPasswordLink(token);
    if (found === null) respondWith(410);
    return (
      <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
        <Wordmark detail="Developer portal" />
        {found === null ? (
          <div className="space-y-1.5">
            <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">This link is no longer good</h1>
            <p className="text-muted">
              It was used, is older than 7 days, or there is a newer one. If you have a password,{" "}
              <Link href="/sign-in" className="font-medium text-accent underline">
                sign in
              </Link>
              ; else ask a colleague for a new link.
            </p>
          </div>
        ) : (
          <>
            <div className="space-y-1.5">
              <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Choose a password</h1>
              <p className="text-muted">
                {found.name}, you sign in with it and <span className="break-all">{found.email}</span>.
              </p>
            </div>
            <Card>
              <RecordForm
                action={setPassword}
                hidden={{ token }}
                fields={NEW_PASSWORD_FIELDS}
                submit={{ label: "Set the password", pending: "Setting it…" }}
              />
            </Card>
          </>
        )}
      </main>
    );
  },
);
