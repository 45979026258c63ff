import { guardPage, notThere } from "@openhouse/web/page";
import { requireRole } from "@openhouse/web/require-role";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import { EXAMPLE_CSV } from "../../../../../lib/home-import.ts";
import NotFound from "../../../not-found.tsx";
import { developmentHref } from "../hrefs.ts";
import { loadDevelopment } from "../load-development.ts";
import { ImportForm } from "./import-form.tsx";

export const metadata: Metadata = { title: "Import a list" };

export default guardPage(
  "/developments/[id]/import",
  async function Import({ params }: { params: Promise<{ id: string }> }) {
    const { id } = await params;
    const [[, development]] = await Promise.all([loadDevelopment(id), requireRole(["developer"])]);
    if (development === null) return notThere(NotFound);
    return (
      <div className="space-y-10">
        <PageHeader
          title="Import units and homeowners"
          description="A list from your spreadsheet, with a row for each homeowner, or for a unit without one."
          back={{ href: developmentHref(id), label: development.name }}
        />
        <ImportForm developmentId={id} />
        <Section
          title="How the list looks"
          description="The first line names the columns, in any order. Unit, kind, bedrooms and floor area are needed; days are written 2026-11-21 or 21/11/2026."
        >
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
            tabIndex={0}
            className="relative overflow-x-auto rounded-xl border border-line bg-sunken p-4 text-xs"
          >
            {EXAMPLE_CSV}
          </pre>
        </Section>
      </div>
    );
  },
);
