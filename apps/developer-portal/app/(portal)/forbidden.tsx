import { ButtonLink } from "@openhouse/web/ui/button";
import { Message } from "@openhouse/web/ui/message-page";

export default function Forbidden() {
  return (
    <Message
      title="This is for another role"
      actions={<ButtonLink href="/">See your developments</ButtonLink>}
    >
      <p>Your account can look at everything, but not do this. A colleague with the role Editor can.</p>
    </Message>
  );
}
