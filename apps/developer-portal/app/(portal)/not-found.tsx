import { ButtonLink } from "@openhouse/web/ui/button";
import { Message } from "@openhouse/web/ui/message-page";

/** For what does not exist and for what belongs to somebody else: the two are told apart by nobody. */
export default function NotFound() {
  return (
    <Message
      title="There is nothing here"
      actions={
        <>
          <ButtonLink href="/">See your developments</ButtonLink>
          <ButtonLink href="/documents" look="secondary">
            See your documents
          </ButtonLink>
        </>
      }
    >
      <p>What you are looking for may have been removed, or the address may have a typo.</p>
    </Message>
  );
}
