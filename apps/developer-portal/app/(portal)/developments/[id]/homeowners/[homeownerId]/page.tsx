import { findUnitOf } from "@openhouse/db/queries/units";
import { formatDay } from "@openhouse/web/format";
import type { SearchParams } from "@openhouse/web/list-query";
import { guardMetadata, guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Alert } from "@openhouse/web/ui/alert";
import { Card } from "@openhouse/web/ui/card";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { cache } from "react";
import { RecordForm } from "../../../../../../components/record-form.tsx";
import { ANY_STAFF } from "../../../../../../lib/staff.ts";
import { mailNotice } from "../../../../../../lib/words.ts";
import NotFound from "../../../../not-found.tsx";
import { developmentHref, unitHref } from "../../hrefs.ts";
import { loadDevelopment } from "../../load-development.ts";
import { OnboardingCard } from "../../onboarding-card.tsx";
import { deleteHomeowner, saveHomeowner } from "../actions.ts";
import { homeownerFields } from "../homeowner-fields.ts";

interface HomeownerProps {
  params: Promise<{ id: string; homeownerId: string }>;
  searchParams: Promise<SearchParams>;
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
  async function HomeownerPage({ params, searchParams }: HomeownerProps) {
    const [{ id, homeownerId }, query] = await Promise.all([params, searchParams]);
    const [[{ staff }, development], [, unit]] = await Promise.all([
      loadDevelopment(id),
      loadUnit(id, homeownerId),
    ]);
    const [homeowner] = unit?.homeowners ?? [];
    if (development === null || unit === null || homeowner === undefined) return notThere(NotFound);
    const notice = mailNotice(query.mail);
    const mayEdit = staff.role === "developer";
    const handover = unit.handoverOn === null ? "" : `, handover on ${formatDay(unit.handoverOn)}`;
    return (
      <div className="space-y-8">
        <PageHeader
          title={homeowner.name}
          description={
            <>
              <Link href={unitHref(id, unit.id)} className="font-medium text-accent hover:underline">
                {unit.label}
              </Link>
              , {unit.kind}
              {handover}. <span className="break-all">{homeowner.email}</span>
            </>
          }
          back={{ href: developmentHref(id), label: development.name }}
        />
        {mayEdit && notice !== null && <Alert tone={notice.ok ? "good" : "critical"}>{notice.text}</Alert>}
        <OnboardingCard
          homeowner={homeowner}
          unitLabel={unit.label}
          code={homeowner.onboardingCode}
          wasOpened={homeowner.wasOpened}
          sessions={homeowner.sessions}
          mayIssue={mayEdit}
        />
        {mayEdit && (
          <div className="max-w-md space-y-8">
            <Section title="Edit">
              <Card>
                <RecordForm
                  action={saveHomeowner}
                  hidden={{ homeowner: homeowner.id }}
                  fields={homeownerFields(homeowner)}
                  submit={{ label: "Save", pending: "Saving…" }}
                />
              </Card>
            </Section>
            <Section title="Remove">
              <Card className="space-y-3">
                <p className="text-sm text-muted">
                  For somebody who has moved out, or was never there. They are signed out everywhere, their
                  code stops working, and their conversations are deleted.
                </p>
                <RecordForm
                  action={deleteHomeowner}
                  hidden={{ development: id, unit: unit.id, homeowner: homeowner.id }}
                  fields={[
                    {
                      name: "sure",
                      type: "check",
                      label: `Remove ${homeowner.name} for good; it cannot be undone`,
                    },
                  ]}
                  submit={{ label: "Remove", pending: "Removing…", look: "secondary" }}
                />
              </Card>
            </Section>
          </div>
        )}
      </div>
    );
  },
);
