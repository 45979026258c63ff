import { countHomeAccess } from "@openhouse/db/queries/homes";
import { findUnit } from "@openhouse/db/queries/units";
import { formatDay, formatNumberOf } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { cache } from "react";
import { ArchiveForm } from "../../../../../../components/archive-form.tsx";
import { RecordForm } from "../../../../../../components/record-form.tsx";
import { ANY_STAFF } from "../../../../../../lib/staff.ts";
import NotFound from "../../../../not-found.tsx";
import { createHomeowner } from "../../homeowners/actions.ts";
import { homeownerFields } from "../../homeowners/homeowner-fields.ts";
import { developmentHref, homeownerHref } from "../../hrefs.ts";
import { loadDevelopment } from "../../load-development.ts";
import { CodeBadge } from "../../onboarding-card.tsx";
import { bringUnitBack, putUnitAway, saveUnit } from "../actions.ts";
import { unitFields } from "../unit-fields.ts";

interface UnitProps {
  params: Promise<{ id: string; unitId: string }>;
}

const loadUnit = cache((developmentId: string, unitId: string) =>
  requireRoleWith(ANY_STAFF, (db) => [
    findUnit(db, { developmentId, unitId }),
    countHomeAccess(db, { unitId }),
  ]),
);

export const generateMetadata = guardMetadata(
  async ({ params }: UnitProps): Promise<Metadata> => {
    const { id, unitId } = await params;
    const [, unit] = await loadUnit(id, unitId);
    return { title: unit?.label ?? "Unit not found" };
  },
  { title: "Unit" },
);

/** A house or flat: what it is, who lives there. */
export default guardPage("/developments/[id]/units/[unitId]", async function UnitPage({ params }: UnitProps) {
  const { id, unitId } = await params;
  const [[{ staff }, development], [, unit, access]] = await Promise.all([
    loadDevelopment(id),
    loadUnit(id, unitId),
  ]);
  if (development === null || unit === null) return notThere(NotFound);
  const { label, kind, bedrooms, floorAreaM2, handoverOn, homeowners, archivedAt } = unit;
  const mayEdit = staff.role === "developer";
  return (
    <div className="max-w-xl space-y-8">
      <PageHeader
        title={label}
        description={`${kind}, ${formatNumberOf(bedrooms, "bedroom")}, ${floorAreaM2.toFixed(1)}\u00a0m². Handover: ${handoverOn === null ? "not set" : formatDay(handoverOn)}.`}
        back={{ href: developmentHref(id), label: development.name }}
        badge={archivedAt !== null && <Badge>Archived</Badge>}
      />
      <Section title="Homeowners">
        <Card>
          {homeowners.length === 0 ? (
            <p className="text-sm text-muted">Nobody is recorded for this unit so far.</p>
          ) : (
            <ul className="space-y-3">
              {homeowners.map((homeowner) => (
                <li
                  key={homeowner.id}
                  className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1"
                >
                  <span>
                    <Link
                      href={homeownerHref(id, homeowner.id)}
                      className="font-medium text-accent hover:underline"
                    >
                      {homeowner.name}
                    </Link>
                    <span className="block text-xs break-all text-muted">{homeowner.email}</span>
                  </span>
                  <CodeBadge code={homeowner.onboardingCode} />
                </li>
              ))}
            </ul>
          )}
        </Card>
      </Section>
      {mayEdit && (
        <>
          <Section title="Add a homeowner" description="Their code is made on the next page.">
            <Card>
              <RecordForm
                action={createHomeowner}
                hidden={{ development: id, unit: unitId }}
                fields={homeownerFields()}
                submit={{ label: "Add", pending: "Adding…" }}
              />
            </Card>
          </Section>
          <Section title="Edit this unit">
            <Card>
              <RecordForm
                action={saveUnit}
                hidden={{ unit: unitId }}
                fields={unitFields(unit)}
                submit={{ label: "Save", pending: "Saving…" }}
              />
            </Card>
          </Section>
          <ArchiveForm
            what="unit"
            id={unitId}
            archivedAt={archivedAt}
            access={access}
            archive={putUnitAway}
            restore={bringUnitBack}
          />
        </>
      )}
    </div>
  );
});
