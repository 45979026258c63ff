import { forTenant } from "@openhouse/db/client";
import {
  CODE_FILTERS,
  countUnits,
  findUnitPage,
  listUnitsById,
  UNIT_SORTS,
  type UnitWithHomeowners,
} from "@openhouse/db/queries/units";
import { formatDay, formatNumberOf, formatOnboardingCode } from "@openhouse/web/format";
import { listHref, readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { canSendMail } from "@openhouse/web/mail/send-mail";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { ButtonLink } from "@openhouse/web/ui/button";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { SelectField } from "@openhouse/web/ui/field";
import { ListSearch } from "@openhouse/web/ui/list-search";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { ANY_STAFF } from "../../../../lib/staff.ts";
import { CODE_STATES, STAGES } from "../../../../lib/words.ts";
import NotFound from "../../not-found.tsx";
import { openCode } from "./actions.ts";
import {
  codesHref,
  developmentHref,
  editDevelopmentHref,
  homeownerHref,
  importHref,
  mailCodesHref,
  newUnitHref,
  unitHref,
} from "./hrefs.ts";
import { loadDevelopment } from "./load-development.ts";
import { CodeBadge } from "./onboarding-card.tsx";

/** As many as are read through, and rendered within a few milliseconds. */
const PAGE_SIZE = 25;

interface DevelopmentProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<SearchParams>;
}

export const generateMetadata = guardMetadata(
  async ({ params }: DevelopmentProps): Promise<Metadata> => {
    const [, development] = await loadDevelopment((await params).id);
    return { title: development?.name ?? "Development not found" };
  },
  { title: "Development" },
);

export default guardPage("/developments/[id]", async function DevelopmentPage(props: DevelopmentProps) {
  const [{ id }, query] = await Promise.all([props.params, props.searchParams]);
  const asked = readListQuery(query, UNIT_SORTS);
  const code = CODE_FILTERS.find((each) => each === query.code) ?? null;
  const archived = query.archived === "yes";
  const { text, sort, descending, page } = asked;
  const search = { developmentId: id, text, code, archived, sort, descending };
  const [[{ tenantId, staff }, development], [, counts, found]] = await Promise.all([
    loadDevelopment(id),
    requireRoleWith(ANY_STAFF, (db) => [
      countUnits(db, id),
      findUnitPage(db, { ...search, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }),
    ]),
  ]);
  if (development === null) return notThere(NotFound);
  const { name, address, stage, archivedAt } = development;
  const units = await listUnitsById(forTenant(tenantId), found.ids);
  const path = developmentHref(id);
  const filter = { code: code ?? "", archived: archived ? "yes" : "" };
  const mayEdit = staff.role === "developer";
  return (
    <div className="space-y-10">
      <PageHeader
        title={name}
        description={address}
        back={{ href: "/", label: "Developments" }}
        badge={
          archivedAt === null ? (
            <Badge tone={STAGES[stage].tone}>{STAGES[stage].word}</Badge>
          ) : (
            <Badge>Archived</Badge>
          )
        }
        actions={
          mayEdit && (
            <ButtonLink look="secondary" href={editDevelopmentHref(id)} prefetch={false}>
              Edit
            </ButtonLink>
          )
        }
      />
      <Section
        title={archived ? "Archived units" : "Units"}
        description={`${formatNumberOf(counts.units, "unit")}, ${formatNumberOf(counts.homeowners, "homeowner")}. Each homeowner scans their own code once; it opens the portal of their home.`}
        actions={
          mayEdit && (
            <span className="flex flex-wrap gap-3">
              {counts.openCodes > 0 && (
                <ButtonLink look="secondary" href={codesHref(id)} prefetch={false}>
                  Print {formatNumberOf(counts.openCodes, "code")}
                </ButtonLink>
              )}
              {counts.homeowners > 0 && archivedAt === null && (
                <ButtonLink look="secondary" href={mailCodesHref(id)} prefetch={false}>
                  E-mail the codes
                </ButtonLink>
              )}
              <ButtonLink look="secondary" href={importHref(id)} prefetch={false}>
                Import a list
              </ButtonLink>
              <ButtonLink href={newUnitHref(id)} prefetch={false}>
                Add a unit
              </ButtonLink>
            </span>
          )
        }
      >
        {counts.units === 0 && !archived ? (
          <EmptyState title="No units yet">
            {mayEdit
              ? "Add them one by one, or import a list from a spreadsheet."
              : "Units appear here once they are set up for this development."}
          </EmptyState>
        ) : (
          <>
            <ListSearch
              path={path}
              label="Unit, homeowner or e-mail"
              text={text}
              kept={{
                ...(archived && { archived: "yes" }),
                ...((sort !== "label" || descending) && { sort: descending ? `-${sort}` : sort }),
              }}
            >
              <SelectField key={code} label="Code" name="code" defaultValue={code ?? ""}>
                <option value="">All</option>
                {CODE_FILTERS.map((each) => (
                  <option key={each} value={each}>
                    {each === "none" ? "No code yet" : CODE_STATES[each].word}
                  </option>
                ))}
              </SelectField>
            </ListSearch>
            {units.length === 0 ? (
              <EmptyState title={page === 1 ? "No unit is like that" : "There is no such page"}>
                <Link href={path} className="font-medium text-accent underline">
                  See all units
                </Link>
              </EmptyState>
            ) : (
              <DataTable
                caption={`Units of ${name}`}
                columns={columnsOf(id, mayEdit)}
                rows={units}
                rowKey={(unit) => unit.id}
                sorting={{
                  by: sort,
                  descending,
                  href: (by, down) => listHref(path, { text, sort: by, descending: down }, filter),
                }}
              />
            )}
            <PagesNav
              page={page}
              pages={Math.ceil(found.total / PAGE_SIZE)}
              href={(each) => listHref(path, { ...asked, page: each }, filter)}
            />
          </>
        )}
        {(archived || counts.archived > 0) && (
          <p className="text-sm">
            <Link
              href={archived ? path : `${path}?archived=yes`}
              prefetch={false}
              className="font-medium text-accent underline"
            >
              {archived
                ? "Back to the units that are not archived"
                : `${formatNumberOf(counts.archived, "unit")} in the archive`}
            </Link>
          </p>
        )}
      </Section>
    </div>
  );
});

type Row = UnitWithHomeowners;

const columnsOf = (developmentId: string, mayEdit: boolean): [Column<Row>, ...Column<Row>[]] => [
  {
    header: "Unit",
    sort: "label",
    cell: ({ id, label, kind, bedrooms, floorAreaM2 }) => (
      <>
        <span id={`unit-${id}`}>{label}</span>
        <span className="block text-xs font-normal text-muted">
          {kind}, {formatNumberOf(bedrooms, "bedroom")}, {`${floorAreaM2.toFixed(1)}\u00a0m²`}
        </span>
        <Link
          href={unitHref(developmentId, id)}
          prefetch={false}
          aria-describedby={`unit-${id}`}
          className="inline-block py-1 text-xs font-medium text-accent hover:underline"
        >
          Open unit
        </Link>
      </>
    ),
  },
  {
    header: "Handover",
    sort: "handover",
    cell: ({ handoverOn }) => (
      <span className="whitespace-nowrap">{handoverOn === null ? "Not set" : formatDay(handoverOn)}</span>
    ),
  },
  {
    header: "Homeowners and their codes",
    sort: "homeowner",
    cell: ({ homeowners }) =>
      homeowners.length === 0 ? (
        <span className="text-muted">Nobody yet</span>
      ) : (
        <ul className="space-y-2">
          {homeowners.map((homeowner) => (
            <Person key={homeowner.id} {...{ developmentId, mayEdit, homeowner }} />
          ))}
        </ul>
      ),
  },
];

interface PersonProps {
  developmentId: string;
  mayEdit: boolean;
  homeowner: Row["homeowners"][number];
}

function Person({ developmentId, mayEdit, homeowner }: PersonProps) {
  const { id, name, email, onboardingCode, wasOpened, sessions } = homeowner;
  const open = onboardingCode?.state === "open" ? onboardingCode : null;
  const mayMail = open !== null && open.mail === null && canSendMail();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-left">
      <span>
        <Link href={homeownerHref(developmentId, id)} prefetch={false} className="font-medium text-accent">
          {name}
        </Link>
        <span className="block text-xs break-all text-muted">{email}</span>
      </span>
      <span className="flex flex-wrap items-center gap-3">
        {mayEdit && open !== null && (
          <span className="font-mono text-xs" data-code={open.code}>
            {formatOnboardingCode(open.code)}
          </span>
        )}
        <CodeBadge code={onboardingCode} />
        {mayEdit && (
          <form action={openCode} className="flex gap-2">
            <input type="hidden" name="development" value={developmentId} />
            <input type="hidden" name="homeowner" value={id} />
            {(wasOpened || sessions.length > 0) && <input type="hidden" name="knows" value="open" />}
            <button
              type="submit"
              className="min-h-8 rounded-lg border border-edge px-2 text-xs font-semibold hover:bg-sunken"
            >
              {onboardingCode === null ? "Make code" : "Code"}
              <span className="sr-only"> of {name}</span>
            </button>
            {mayMail && <MailButton name={name} codeId={open.id} />}
          </form>
        )}
      </span>
    </li>
  );
}

/** Sends the code of its row, which was not sent so far, and goes to the homeowner's page, which says what came of it. */
function MailButton({ name, codeId }: { name: string; codeId: string }) {
  return (
    <>
      <input type="hidden" name="code" value={codeId} />
      <button
        type="submit"
        name="change"
        value="mail"
        className="min-h-8 rounded-lg border border-edge px-2 text-xs font-semibold hover:bg-sunken"
      >
        E-mail<span className="sr-only"> the code of {name}</span>
      </button>
    </>
  );
}
