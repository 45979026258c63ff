import { SubmitButton } from "@openhouse/web/ui/submit-button";
import Form from "next/form";
import { SearchField } from "./search-field.tsx";

/** Asks with GET, so that a search has an address, and works without scripts. */
export function SearchForm({ query, error }: { query: string; error?: string | undefined }) {
  return (
    <Form action="/search" role="search" className="flex items-start gap-3">
      <div className="min-w-0 flex-1">
        <SearchField query={query} error={error} />
      </div>
      {/* As far down as the label is high, beside the field, whatever stands below that. */}
      <SubmitButton pendingLabel="Searching…" className="mt-[1.625rem]">
        Search
      </SubmitButton>
    </Form>
  );
}
