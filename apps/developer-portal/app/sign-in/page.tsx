import { guardPage } from "@openhouse/web/page";
import { currentSession } from "@openhouse/web/session";
import { Card } from "@openhouse/web/ui/card";
import { Wordmark } from "@openhouse/web/ui/wordmark";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default guardPage("/sign-in", async function SignIn() {
  if ((await currentSession("developer")) !== null) redirect("/");
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Wordmark detail="Developer portal" />
      <div className="space-y-1.5">
        <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Sign in</h1>
        <p className="text-muted">For the people who build and hand over the homes.</p>
      </div>
      <Card>
        <SignInForm />
      </Card>
      <p className="text-sm text-muted">
        Are you a homeowner? Scan the QR code that came with your home; it opens your own portal.
      </p>
    </main>
  );
});
