import { type ListedActivity, listActivity } from "@openhouse/db/queries/activity";
import { formatMoment } from "@openhouse/web/format";
import { listHref, readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { ButtonLink } from "@openhouse/web/ui/button";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { ListSearch } from "@openhouse/web/ui/list-search";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { ACTIVITY_WORDS, activityKindsOf } from "../../../lib/words.ts";

export const metadata: Metadata = { title: "Activity" };

const PATH = "/activity";
const PAGE_SIZE = 50;

const COLUMNS: [Column<ListedActivity>, ...Column<ListedActivity>[]] = [
  {
    header: "What",
    cell: ({ kind, about }) => (
      <>
        {ACTIVITY_WORDS[kind]}
        <span className="block text-sm font-normal text-muted">{about}</span>
      </>
    ),
  },
  { header: "Who", cell: ({ staffName }) => staffName },
  {
    header: "When",
    sort: "when",
    cell: ({ createdAt }) => (
      <time dateTime={createdAt.toISOString()} className="whitespace-nowrap">
        {formatMoment(createdAt)}
      </time>
    ),
  },
];

/** What the company's staff did, for all of them to read. */
export default guardPage(
  PATH,
  async function Activity({ searchParams }: { searchParams: Promise<SearchParams> }) {
    const asked = readListQuery(await searchParams, ["when"], true);
    const { text, descending, page } = asked;
    const [, { entries, more }] = await requireRoleWith(ANY_STAFF, (db) => [
      listActivity(db, {
        text,
        kinds: activityKindsOf(text),
        oldestFirst: !descending,
        limit: PAGE_SIZE,
        offset: (page - 1) * PAGE_SIZE,
      }),
    ]);
    const href = (more: Partial<typeof asked>) =>
      listHref(PATH, { text, ...(!descending && { sort: "when", descending }), ...more });
    return (
      <div className="space-y-8">
        <PageHeader title="Activity" description="What your colleagues did in this portal." />
        <ListSearch
          path={PATH}
          label="What, who, or to what"
          text={text}
          kept={descending ? {} : { sort: "when" }}
        />
        {entries.length === 0 ? (
          <EmptyState
            title={
              page > 1 ? "There is no such page" : text === "" ? "Nothing so far" : "Nothing is like that"
            }
          >
            Changes of developments, units, homeowners, codes and documents are listed here.
          </EmptyState>
        ) : (
          <DataTable
            caption="Activity"
            columns={COLUMNS}
            rows={entries}
            rowKey={({ id }) => id}
            sorting={{
              by: "when",
              descending,
              href: (sort, down) => listHref(PATH, { text, sort, descending: down }),
            }}
          />
        )}
        <nav aria-label="Pages" className="flex gap-3">
          {page > 1 && (
            <ButtonLink look="secondary" href={href({ page: page - 1 })} prefetch={false}>
              {descending ? "Later" : "Earlier"}
            </ButtonLink>
          )}
          {more && (
            <ButtonLink look="secondary" href={href({ page: page + 1 })} prefetch={false}>
              {descending ? "Earlier" : "Later"}
            </ButtonLink>
          )}
        </nav>
      </div>
    );
  },
);
