import { listUnanswered, type Unanswered } from "@openhouse/db/queries/unanswered";
import { isUuid } from "@openhouse/db/uuid";
import { formatDay, formatNumberOf } from "@openhouse/web/format";
import { listHref, readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { UNANSWERED_KINDS } from "../../../lib/words.ts";

export const metadata: Metadata = { title: "Questions" };

const PATH = "/questions";
/** Of one development, and of each where all are shown. */
const PAGE_SIZE = 50;
const EACH = 10;

const COLUMNS: [Column<Unanswered>, ...Column<Unanswered>[]] = [
  { header: "Asked", cell: ({ body }) => <span className="font-normal break-words">{body}</span> },
  { header: "Where", cell: ({ kind }) => UNANSWERED_KINDS[kind] },
  {
    header: "Times",
    align: "end",
    cell: ({ times, homeowners }) => (
      <>
        {times}
        <span className="block text-xs text-muted">{formatNumberOf(homeowners, "homeowner")}</span>
      </>
    ),
  },
  {
    header: "Last",
    cell: ({ lastAskedAt }) => (
      <time dateTime={lastAskedAt.toISOString()} className="whitespace-nowrap">
        {formatDay(lastAskedAt)}
      </time>
    ),
  },
];

/** What homeowners ask and do not find, so that somebody writes it down. */
export default guardPage(
  PATH,
  async function Questions({ searchParams }: { searchParams: Promise<SearchParams> }) {
    const query = await searchParams;
    const { page } = readListQuery(query, ["last"]);
    const only =
      typeof query.development === "string" && isUuid(query.development) ? query.development : null;
    const [, asked] = await requireRoleWith(ANY_STAFF, (db) => [
      listUnanswered(
        db,
        only === null
          ? { limit: EACH }
          : { developmentId: only, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE },
      ),
    ]);
    return (
      <div className="space-y-8">
        <PageHeader
          title="Questions"
          description="What homeowners asked or searched for in the last 90 days, and the documents do not say."
          {...(only !== null && { back: { href: PATH, label: "All developments" } })}
        />
        {asked.length === 0 && (
          <EmptyState title={page === 1 ? "Nothing so far" : "There is no such page"}>
            Questions that the assistant cannot answer from your documents, and searches without a result, are
            listed here. A new document answers the next one who asks.
          </EmptyState>
        )}
        {byDevelopment(asked).map(([first, ...others]) => {
          const { developmentId: development, developmentName, ofDevelopment } = first;
          return (
            <Section
              key={development}
              title={developmentName}
              description={formatNumberOf(ofDevelopment, "question")}
              actions={
                only === null &&
                ofDevelopment > EACH && (
                  <Link
                    href={listHref(PATH, {}, { development })}
                    prefetch={false}
                    className="text-sm font-medium text-accent underline"
                  >
                    See all of {developmentName}
                  </Link>
                )
              }
            >
              <DataTable
                caption={`Questions at ${developmentName}`}
                columns={COLUMNS}
                rows={[first, ...others]}
                rowKey={({ kind, body }) => `${kind} ${body}`}
              />
              {only !== null && (
                <PagesNav
                  page={page}
                  pages={Math.ceil(ofDevelopment / PAGE_SIZE)}
                  href={(each) => listHref(PATH, { page: each }, { development })}
                />
              )}
            </Section>
          );
        })}
      </div>
    );
  },
);

/** The rows of each development, which stand together. */
function byDevelopment(asked: readonly Unanswered[]): [Unanswered, ...Unanswered[]][] {
  const groups: [Unanswered, ...Unanswered[]][] = [];
  for (const each of asked) {
    const last = groups.at(-1);
    if (last?.[0].developmentId === each.developmentId) last.push(each);
    else groups.push([each]);
  }
  return groups;
}
