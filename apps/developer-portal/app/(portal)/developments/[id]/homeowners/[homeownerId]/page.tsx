import { findUnitOf } from "@openhouse/db/queries/units";
import { formatDay } from "@openhouse/web/format";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { cache } from "react";
import { ANY_STAFF } from "../../../../../../lib/staff.ts";
import NotFound from "../../../../not-found.tsx";
import { developmentHref } from "../../hrefs.ts";
import { loadDevelopment } from "../../load-development.ts";
import { OnboardingCard } from "../../onboarding-card.tsx";

interface HomeownerProps {
  params: Promise<{ id: string; homeownerId: string }>;
}

const loadUnit = cache((developmentId: string, homeownerId: string) =>
  requireRoleWith(ANY_STAFF, (db) => [findUnitOf(db, { developmentId, homeownerId })]),
);

export const generateMetadata = guardMetadata(
  async ({ params }: HomeownerProps): Promise<Metadata> => {
    const { id, homeownerId } = await params;
    const [, unit] = await loadUnit(id, homeownerId);
    return { title: unit?.homeowners[0]?.name ?? "Homeowner not found" };
  },
  { title: "Homeowner" },
);

/** A homeowner with their code: its picture is drawn here and on the print sheet alone. */
export default guardPage(
  "/developments/[id]/homeowners/[homeownerId]",
  async function HomeownerPage({ params }: HomeownerProps) {
    const { id, homeownerId } = await params;
    const [[{ staff }, development], [, unit]] = await Promise.all([
      loadDevelopment(id),
      loadUnit(id, homeownerId),
    ]);
    const [homeowner] = unit?.homeowners ?? [];
    if (development === null || unit === null || homeowner === undefined) return notThere(NotFound);
    const handover = unit.handoverOn === null ? "" : `, handover on ${formatDay(unit.handoverOn)}`;
    return (
      <div className="space-y-8">
        <PageHeader
          title={homeowner.name}
          description={
            <>
              {unit.label}, {unit.kind}
              {handover}. <span className="break-all">{homeowner.email}</span>
            </>
          }
          back={{ href: developmentHref(id), label: development.name }}
        />
        <OnboardingCard
          homeowner={homeowner}
          unitLabel={unit.label}
          code={homeowner.onboardingCode}
          wasOpened={homeowner.wasOpened}
          sessions={homeowner.sessions}
          mayIssue={staff.role === "developer"}
        />
      </div>
    );
  },
);
