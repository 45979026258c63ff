import { figuresNow } from "@openhouse/web/figures/message";
import { requireOperator } from "@openhouse/web/figures/operator";
import { fleet } from "@openhouse/web/figures/own-fleet";
import { guardPage } from "@openhouse/web/page";
import { PageHeader } from "@openhouse/web/ui/page-header";
import type { Metadata } from "next";
import { DatabaseMonitor } from "./database-monitor.tsx";
import { readView, type SearchParams } from "./view.ts";

export const metadata: Metadata = { title: "Database" };

export default guardPage(
  "/database",
  async function DatabasePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
    await Promise.all([requireOperator(), fleet.refresh()]);
    const now = figuresNow(fleet);
    const view = readView(await searchParams, now.rows, Date.now());
    const history = await fleet.history(view.origin, view.range);
    return (
      <div className="space-y-8">
        <PageHeader
          title="Database"
          description="How every process’s connections to the database are doing, second by second."
        />
        {/* Another process or range is another page, which begins with what was. */}
        <DatabaseMonitor
          key={`${view.origin} ${view.range} ${view.atMs}`}
          view={view}
          first={{ ...now, history }}
        />
      </div>
    );
  },
);
