import {
  countArchivedDevelopments,
  type DevelopmentOverview,
  listDevelopments,
} from "@openhouse/db/queries/developments";
import { formatNumberOf } from "@openhouse/web/format";
import { listHref, readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { guardPage } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { ButtonLink } from "@openhouse/web/ui/button";
import { DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { ListSearch } from "@openhouse/web/ui/list-search";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import type { Metadata } from "next";
import Link from "next/link";
import { DEVELOPMENT_COLUMNS } from "../../../components/development-columns.tsx";
import { ANY_STAFF } from "../../../lib/staff.ts";

export const metadata: Metadata = { title: "Developments" };

const PAGE_SIZE = 50;
/** More than are taken in at a glance. */
const SEARCHED_FROM = 10;

const holds = (name: string, text: string) => name.toLowerCase().includes(text.toLowerCase());

export default guardPage(
  "/",
  async function Developments({ searchParams }: { searchParams: Promise<SearchParams> }) {
    const { text, page } = readListQuery(await searchParams, ["name"]);
    const [{ tenantName, staff }, developments, archived] = await requireRoleWith(ANY_STAFF, (db) => [
      listDevelopments(db),
      countArchivedDevelopments(db),
    ]);
    const mayEdit = staff.role === "developer";
    const found = developments.filter(({ name, address }) => holds(`${name} ${address}`, text));
    const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return (
      <div className="space-y-8">
        <PageHeader
          title="Developments"
          description={summary(tenantName, developments)}
          actions={
            mayEdit && (
              <ButtonLink href="/developments/new" prefetch={false}>
                New development
              </ButtonLink>
            )
          }
        />
        {developments.length === 0 ? (
          <EmptyState title="No developments yet">
            {mayEdit
              ? "Make the first one; then add its units, homeowners and documents."
              : `As soon as the first development of ${tenantName} is set up, its units, homeowners and documents are listed here.`}
          </EmptyState>
        ) : (
          <>
            {developments.length > SEARCHED_FROM && (
              <ListSearch path="/" label="Name or address" text={text} />
            )}
            {shown.length === 0 ? (
              <EmptyState
                title={found.length === 0 ? "No development is like that" : "There is no such page"}
              >
                <Link href="/" className="font-medium text-accent underline">
                  See all developments
                </Link>
              </EmptyState>
            ) : (
              <DataTable
                caption={`Developments of ${tenantName}, by name`}
                columns={DEVELOPMENT_COLUMNS}
                rows={shown}
                rowKey={({ id }) => id}
              />
            )}
            <PagesNav
              page={page}
              pages={Math.ceil(found.length / PAGE_SIZE)}
              href={(each) => listHref("/", { text, page: each })}
            />
          </>
        )}
        {archived > 0 && (
          <p className="text-sm">
            <Link
              href="/developments/archived"
              prefetch={false}
              className="font-medium text-accent underline"
            >
              {formatNumberOf(archived, "development")} in the archive
            </Link>
          </p>
        )}
      </div>
    );
  },
);

function summary(tenantName: string, developments: readonly DevelopmentOverview[]): string {
  const units = developments.reduce((sum, { unitCount }) => sum + unitCount, 0);
  const homeowners = developments.reduce((sum, { homeownerCount }) => sum + homeownerCount, 0);
  return `${tenantName}: ${formatNumberOf(developments.length, "development")}, ${formatNumberOf(units, "unit")}, ${formatNumberOf(homeowners, "homeowner")}.`;
}
