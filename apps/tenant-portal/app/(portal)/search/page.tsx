import { respond429 } from "@openhouse/web/current-response";
import { formatNumberOf, formatWait } from "@openhouse/web/format";
import { guardPage } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { ButtonLink } from "@openhouse/web/ui/button";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { readSearch, type SearchFault } from "../../../lib/search/read-search.ts";
import { type HomeSearch, PAGE_SIZE, searchHome } from "../../../lib/search/search-home.ts";
import { ResultList } from "./result-list.tsx";
import { SearchForm } from "./search-form.tsx";
import { searchHref } from "./search-href.ts";

interface SearchProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value) ?? null;

export async function generateMetadata({ searchParams }: SearchProps): Promise<Metadata> {
  const query = first((await searchParams).q)?.trim();
  return { title: query ? `${query.slice(0, 60)} · Search` : "Search" };
}

const FAULTS: Partial<Record<SearchFault, string>> = {
  query_too_long: "Please use 200 characters at most.",
};

export default guardPage("/search", async function SearchPage({ searchParams }: SearchProps) {
  const session = await requireRole(["homeowner"]);
  const { q, page, exact } = await searchParams;
  const asTyped = exact === "1";
  const asked = readSearch(first(q), first(page));
  const fault = "fault" in asked ? asked.fault : null;
  return (
    <div className="mx-auto max-w-3xl space-y-6">
      <PageHeader title="Search" />
      <SearchForm query={asked.query} error={fault === null ? undefined : FAULTS[fault]} />
      {"fault" in asked ? (
        <NotSearched {...asked} />
      ) : (
        <Searched {...asked} asTyped={asTyped} found={await searchHome(session, { ...asked, asTyped })} />
      )}
    </div>
  );
});

type Searching = Awaited<ReturnType<typeof searchHome>>;

interface Shown {
  query: string;
  page: number;
  asTyped: boolean;
}

function Searched({ found, ...asked }: Shown & { found: Searching }) {
  if (!("usedUp" in found)) return <Found {...asked} found={found} />;
  const { retryAfterSeconds } = found.usedUp;
  respond429(retryAfterSeconds);
  return (
    <EmptyState title="That was a lot of searching">
      You can search again in {formatWait(retryAfterSeconds)}. Your documents are on your home's page
      meanwhile.
    </EmptyState>
  );
}

function NotSearched({ fault, query }: { fault: SearchFault; query: string }) {
  if (fault === "query_too_long") return null;
  if (fault === "page_invalid") {
    return (
      <EmptyState title="There is no such page" action={<FirstPage query={query} />}>
        Pages are counted from 1.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="What would you like to know?" action={<Examples />}>
      The manuals, guarantees and rules of your development are searched for your words, and for other forms
      of them.
    </EmptyState>
  );
}

const Examples = () => (
  <ul aria-label="Examples" className="flex flex-wrap justify-center gap-2">
    {["bleed a radiator", "visitor parking", "warranty"].map((example) => (
      <li key={example}>
        <ButtonLink look="quiet" href={searchHref(example)}>
          {example}
        </ButtonLink>
      </li>
    ))}
  </ul>
);

const FirstPage = ({ query }: { query: string }) => (
  <ButtonLink look="secondary" href={searchHref(query)}>
    Go to the first page
  </ButtonLink>
);

function Found({ query, page, asTyped, found }: Shown & { found: HomeSearch }) {
  const { correctedQuery, missingWords, total, results, developmentName } = found;
  const shown = correctedQuery ?? query;
  const pages = Math.ceil(total / PAGE_SIZE);
  return (
    <>
      <div role="status" className="text-sm text-muted">
        {correctedQuery !== null && (
          <p className="mb-1 text-base text-ink">
            Showing results for <strong className="font-semibold">{correctedQuery}</strong>.{" "}
            <Link href={searchHref(query, 1, true)} prefetch={false} className="text-accent underline">
              Look for “{query}” instead
            </Link>
          </p>
        )}
        <p>
          {missingWords.length > 0 && total > 0 && <>No document has {listed(missingWords)}. </>}
          {total > 0 && (
            <>
              {formatNumberOf(total, "passage")} in the documents of {developmentName}.
            </>
          )}
        </p>
      </div>
      {total === 0 ? (
        <EmptyState
          title={`Nothing found for “${shown}”`}
          action={
            <ButtonLink look="secondary" href={`/chat?${new URLSearchParams({ q: query })}`} prefetch={false}>
              Put it to the assistant
            </ButtonLink>
          }
        >
          The documents of {developmentName ?? "your home"} have none of these words. Try another word for the
          same thing, or fewer of them.
        </EmptyState>
      ) : results.length === 0 ? (
        <EmptyState title="There is no such page" action={<FirstPage query={query} />}>
          The last page is page {pages}.
        </EmptyState>
      ) : (
        <ResultList results={results} start={(page - 1) * PAGE_SIZE + 1} />
      )}
      {results.length > 0 && (
        <PagesNav page={page} pages={pages} href={(each) => searchHref(query, each, asTyped)} />
      )}
    </>
  );
}

function listed(words: readonly string[]): ReactNode {
  return words.map((word) => `“${word}”`).join(" or ");
}
