import { ButtonLink } from "@openhouse/web/ui/button";
import { MessagePage } from "@openhouse/web/ui/message-page";
import type { Metadata } from "next";

export const metadata: Metadata = { title: "Not for this account" };

export default function Forbidden() {
  return (
    <MessagePage
      title="This is not for your account"
      actions={<ButtonLink href="/">Go to the start page</ButtonLink>}
    >
      <p>You are signed in, but this page is for somebody else.</p>
    </MessagePage>
  );
}
