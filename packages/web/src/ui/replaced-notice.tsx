import { Alert } from "./alert.tsx";

const NOTICE = "replaced";

/** Where a link to a document that was replaced leads on to: its successor, below the notice that says so. */
export const successorHref = (id: string): string => `/documents/${id}?${NOTICE}=1#${NOTICE}`;

/** Says to whoever followed such a link that this is another document; nothing to anybody else. */
export function ReplacedNotice({ query }: { query: Record<string, string | string[] | undefined> }) {
  if (query[NOTICE] === undefined) return null;
  return (
    // The browser goes here: a passage of the document before may be another place in this one.
    <div id={NOTICE} className="scroll-mt-24">
      <Alert tone="caution">
        The document that the link led to was replaced. This is the one in its place.
      </Alert>
    </div>
  );
}
