import { ButtonLink } from "@openhouse/web/ui/button";
import { MessagePage } from "@openhouse/web/ui/message-page";
import type { Metadata } from "next";
import { connection } from "next/server";

export const metadata: Metadata = { title: "Page not found" };

/** Made for each visitor: a page of the build would have scripts without the nonce. */
export default async function NotFound() {
  await connection();
  return (
    <MessagePage
      title="There is no page here"
      actions={<ButtonLink href="/">Go to the start page</ButtonLink>}
    >
      <p>The address may have a typo, or the page has moved.</p>
    </MessagePage>
  );
}
