import { findDevelopment } from "@openhouse/db/queries/developments";
import { listUnits, type UnitWithHomeowners } from "@openhouse/db/queries/units";
import { formatDay, formatNumberOf } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import { cache } from "react";
import { ANY_STAFF } from "../../../../lib/staff.ts";
import { STAGES } from "../../../../lib/words.ts";
import NotFound from "../../not-found.tsx";
import { OnboardingCard } from "./onboarding-card.tsx";
import { PrintButton } from "./print-button.tsx";

interface DevelopmentProps {
  params: Promise<{ id: string }>;
}

const COLUMNS: [Column<UnitWithHomeowners>, ...Column<UnitWithHomeowners>[]] = [
  { header: "Unit", cell: ({ label }) => label },
  { header: "Homeowners", cell: ({ homeowners }) => <Homeowners homeowners={homeowners} /> },
  { header: "Kind", cell: ({ kind }) => kind },
  { header: "Bedrooms", align: "end", cell: ({ bedrooms }) => bedrooms },
  { header: "Floor area", align: "end", cell: ({ floorAreaM2 }) => `${floorAreaM2.toFixed(1)} m²` },
  {
    header: "Handover",
    align: "end",
    cell: ({ handoverOn }) => (handoverOn === null ? "Not set" : formatDay(handoverOn)),
  },
];

// Title and page ask for the same development; one round trip answers both.
const loadDevelopment = cache((id: string) =>
  requireRoleWith(ANY_STAFF, (db) => [findDevelopment(db, id), listUnits(db, id)]),
);

export const generateMetadata = guardMetadata(
  async ({ params }: DevelopmentProps): Promise<Metadata> => {
    const [, development] = await loadDevelopment((await params).id);
    return { title: development?.name ?? "Development not found" };
  },
  { title: "Development" },
);

export default guardPage("/developments/[id]", async function DevelopmentPage({ params }: DevelopmentProps) {
  const [{ staff }, development, units] = await loadDevelopment((await params).id);
  if (development === null) return notThere(NotFound);
  const { name, address, stage } = development;
  const residents = units.flatMap(({ label, homeowners }) =>
    homeowners.map((homeowner) => ({ homeowner, unitLabel: label })),
  );
  const mayIssue = staff.role === "developer";
  const anyOpen = residents.some(({ homeowner }) => homeowner.onboardingCode?.state === "open");
  return (
    <div className="space-y-10 print:space-y-6">
      <PageHeader
        title={name}
        description={address}
        back={{ href: "/", label: "Developments" }}
        badge={<Badge tone={STAGES[stage].tone}>{STAGES[stage].word}</Badge>}
      />
      <div className="print:hidden">
        <Section
          title="Units"
          description={`${formatNumberOf(units.length, "unit")}, ${formatNumberOf(residents.length, "homeowner")}.`}
        >
          {units.length === 0 ? (
            <EmptyState title="No units yet">
              Units appear here once they are set up for this development.
            </EmptyState>
          ) : (
            <DataTable
              caption={`Units of ${name}, by label`}
              columns={COLUMNS}
              rows={units}
              rowKey={(unit) => unit.id}
            />
          )}
        </Section>
      </div>
      <Section
        title="Onboarding codes"
        description="Each homeowner scans their own code once; it opens the portal of their home."
        actions={mayIssue && anyOpen && <PrintButton />}
      >
        {residents.length === 0 ? (
          <EmptyState title="No homeowners yet">
            A code is made for a homeowner, so there is nothing to scan so far.
          </EmptyState>
        ) : (
          <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3 print:grid-cols-2">
            {residents.map(({ homeowner, unitLabel }) => (
              <OnboardingCard
                key={homeowner.id}
                homeowner={homeowner}
                unitLabel={unitLabel}
                code={homeowner.onboardingCode}
                wasOpened={homeowner.wasOpened}
                sessions={homeowner.sessions}
                mayIssue={mayIssue}
              />
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
});

function Homeowners({ homeowners }: Pick<UnitWithHomeowners, "homeowners">) {
  if (homeowners.length === 0) return <span className="text-muted">Nobody yet</span>;
  return (
    <ul>
      {homeowners.map(({ id, name, email }) => (
        <li key={id}>
          {name}
          <span className="block text-xs break-all text-muted">{email}</span>
        </li>
      ))}
    </ul>
  );
}
