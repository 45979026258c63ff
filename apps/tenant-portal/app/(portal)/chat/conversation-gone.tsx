import { ButtonLink } from "@openhouse/web/ui/button";
import { Message } from "@openhouse/web/ui/message-page";

/** A conversation that was deleted on this page, for whoever comes back to it. */
export function ConversationGone() {
  return (
    <div className="py-8 lg:pl-8">
      <Message
        title="This conversation was deleted"
        actions={<ButtonLink href="/chat">New conversation</ButtonLink>}
      >
        <p>What was said in it is gone.</p>
      </Message>
    </div>
  );
}
