import { countUnits, listOpenCodes } from "@openhouse/db/queries/units";
import { formatCount, formatNumberOf } from "@openhouse/web/format";
import { readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { ButtonLink } from "@openhouse/web/ui/button";
import { classNames } from "@openhouse/web/ui/class-names";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import type { Metadata } from "next";
import { ANY_STAFF } from "../../../../../lib/staff.ts";
import NotFound from "../../../not-found.tsx";
import { codesHref, developmentHref, mailCodesHref, type SheetLayout } from "../hrefs.ts";
import { loadDevelopment } from "../load-development.ts";
import { OpenCode } from "../onboarding-card.tsx";
import { PrintButton } from "../print-button.tsx";

/** Drawn within a few milliseconds, and as much as a printer has paper for. */
const SHEET_SIZE = 100;

const SHEETS: Record<SheetLayout, string> = {
  cards: "grid gap-4 sm:grid-cols-2 lg:grid-cols-3 print:grid-cols-2",
  letters: "mx-auto max-w-md space-y-6 print:max-w-none print:space-y-0",
};
const CARD = "space-y-3 rounded-xl border border-line bg-surface p-5 text-center print:break-inside-avoid";
/** A sheet of paper for each, which goes into an envelope. */
const LETTER = "print:rounded-none print:border-0 print:p-0 print:not-last:break-after-page";

/** 4 cm: four cards are on a page of A4. */
const CARD_PICTURE = "print:max-w-40";

interface CodesProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<SearchParams>;
}

export const metadata: Metadata = { title: "Codes to print" };

/** A development's codes that are ready to scan, for paper; which of them are on this sheet is said on the screen. */
export default guardPage(
  "/developments/[id]/codes",
  async function Codes({ params, searchParams }: CodesProps) {
    const [{ id }, query] = await Promise.all([params, searchParams]);
    const { page } = readListQuery(query, ["label"]);
    const layout: SheetLayout = query.layout === "letters" ? "letters" : "cards";
    const offset = (page - 1) * SHEET_SIZE;
    const [[{ tenantName, staff }, development], [, { openCodes }, codes]] = await Promise.all([
      loadDevelopment(id),
      requireRoleWith(ANY_STAFF, (db) => [
        countUnits(db, id),
        listOpenCodes(db, { developmentId: id, limit: SHEET_SIZE, offset }),
      ]),
    ]);
    // Whoever holds an open code can sign in as the homeowner, so only those who may issue one see it.
    if (development === null || staff.role !== "developer") return notThere(NotFound);
    return (
      <div className="space-y-6">
        <div className="print:hidden">
          <PageHeader
            title={`Codes of ${development.name}`}
            description={describe(offset, codes.length, openCodes)}
            back={{ href: developmentHref(id), label: development.name }}
            actions={
              <span className="flex flex-wrap gap-3">
                {development.archivedAt === null && (
                  <ButtonLink look="secondary" href={mailCodesHref(id)} prefetch={false}>
                    E-mail the codes
                  </ButtonLink>
                )}
                {codes.length > 0 && (
                  <>
                    <ButtonLink
                      look="secondary"
                      href={codesHref(id, page, layout === "cards" ? "letters" : "cards")}
                      prefetch={false}
                    >
                      {layout === "cards" ? "A page for each" : "Cards, several on a page"}
                    </ButtonLink>
                    <PrintButton />
                  </>
                )}
              </span>
            }
          />
        </div>
        {codes.length === 0 ? (
          <EmptyState title={openCodes === 0 ? "No code is ready to scan" : "There is no such sheet"}>
            A code is made on the homeowner’s page.
          </EmptyState>
        ) : (
          <ul className={SHEETS[layout]}>
            {codes.map(({ homeownerId, homeownerName, unitLabel, code, expiresAt }) => (
              <li key={homeownerId} data-sheet className={classNames(CARD, layout === "letters" && LETTER)}>
                <p className="border-b border-line pb-3 text-left">
                  <span className="block text-base font-semibold">{tenantName}</span>
                  <span className="block text-xs text-muted">
                    {development.name}, {development.address}
                  </span>
                </p>
                <div>
                  <h2 className="font-semibold">{homeownerName}</h2>
                  <p className="text-sm text-muted">
                    {unitLabel}, {development.name}
                  </p>
                </div>
                <p className="text-sm">Scan this code with your phone to open the portal of your home.</p>
                <OpenCode
                  {...{ code, expiresAt, homeownerName, unitLabel }}
                  className={layout === "cards" ? CARD_PICTURE : undefined}
                />
              </li>
            ))}
          </ul>
        )}
        <PagesNav
          page={page}
          pages={Math.ceil(openCodes / SHEET_SIZE)}
          href={(each) => codesHref(id, each, layout)}
        />
      </div>
    );
  },
);

function describe(offset: number, shown: number, all: number): string {
  if (shown === 0 || shown === all) return `${formatNumberOf(all, "code")}, all on this sheet.`;
  const range = `${formatCount(offset + 1)} to ${formatCount(offset + shown)}`;
  return `Codes ${range} of ${formatCount(all)} are on this sheet; the others are on the next pages, to be printed each.`;
}
