import { guardPage } from "@openhouse/web/page";
import { whoseCodeIsWanted } from "@openhouse/web/sign-in";
import { Card } from "@openhouse/web/ui/card";
import { Wordmark } from "@openhouse/web/ui/wordmark";
import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { CodeForm } from "./code-form.tsx";

export const metadata: Metadata = { title: "Enter your code" };

export default guardPage("/sign-in/code", async function EnterCode() {
  if ((await whoseCodeIsWanted()) === null) redirect("/sign-in");
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Wordmark detail="Developer portal" />
      <div className="space-y-1.5">
        <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Enter your code</h1>
        <p className="text-muted">
          Your password was right. Open your authenticator app for the second step.
        </p>
      </div>
      <Card>
        <CodeForm />
      </Card>
      <p className="text-sm text-muted">
        No phone at hand? Use one of the recovery codes that you kept.{" "}
        <Link href="/sign-in" className="font-medium text-accent underline">
          Sign in as somebody else
        </Link>
      </p>
    </main>
  );
});
