import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import Form from "next/form";
import { MAX_QUERY_CHARACTERS } from "../../../lib/search/read-search.ts";

/** Asks with GET, so that a search has an address, and works without scripts. */
export function SearchForm({ query, error }: { query: string; error?: string | undefined }) {
  return (
    <Form action="/search" role="search" className="flex items-end gap-3">
      <div className="min-w-0 flex-1">
        <TextField
          // A new search is a new field: the old one would keep what was typed before.
          key={query}
          type="search"
          label="Search the documents"
          name="q"
          required
          maxLength={MAX_QUERY_CHARACTERS}
          defaultValue={query}
          enterKeyHint="search"
          error={error}
        />
      </div>
      <SubmitButton pendingLabel="Searching…" className={error === undefined ? "" : "mb-[1.625rem]"}>
        Search
      </SubmitButton>
    </Form>
  );
}
