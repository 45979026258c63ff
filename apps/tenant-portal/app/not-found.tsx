import { ButtonLink } from "@openhouse/web/ui/button";
import { MessagePage } from "@openhouse/web/ui/message-page";
import type { Metadata } from "next";

export const metadata: Metadata = { title: "Page not found" };

export default function NotFound() {
  return (
    <MessagePage
      title="There is no page here"
      actions={<ButtonLink href="/">Go to the start page</ButtonLink>}
    >
      <p>The address may have a typo, or the page has moved.</p>
    </MessagePage>
  );
}
