import { canSendMail } from "@openhouse/web/mail/send-mail";
import { guardPage } from "@openhouse/web/page";
import { returnPath } from "@openhouse/web/return-path";
import { currentSession } from "@openhouse/web/session";
import { Card } from "@openhouse/web/ui/card";
import { Wordmark } from "@openhouse/web/ui/wordmark";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { CodeForm } from "./code-form.tsx";
import { LinkForm } from "./link-form.tsx";

export const metadata: Metadata = { title: "Open your home" };

interface SignInProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default guardPage("/sign-in", async function SignIn({ searchParams }: SignInProps) {
  const to = returnPath((await searchParams).to);
  if ((await currentSession("tenant")) !== null) redirect(to);
  const sendsLinks = canSendMail();
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-8 px-4 py-12">
      <Wordmark detail="For homeowners" />
      <div className="space-y-1.5">
        <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Open your home</h1>
        <p className="text-muted">
          Scan the QR code that your developer gave you with the camera of your phone. No camera at hand? Type
          the code that stands below it.
        </p>
      </div>
      <Card>
        <CodeForm to={to} />
      </Card>
      {sendsLinks ? (
        <section aria-labelledby="again" className="space-y-4">
          <div className="space-y-1.5">
            <h2 id="again" className="text-lg font-semibold tracking-tight">
              You have opened it before?
            </h2>
            <p className="text-muted">
              A code opens a home once. On another phone, or after signing out, a link by e-mail lets you in.
            </p>
          </div>
          <Card>
            <LinkForm to={to} />
          </Card>
        </section>
      ) : (
        <p className="text-sm text-muted">
          Each code opens a home once. If yours was used already, for instance on another phone, your
          developer makes you a new one.
        </p>
      )}
    </main>
  );
});
