import type { DevelopmentOverview } from "@openhouse/db/queries/developments";
import { formatCount } from "@openhouse/web/format";
import { Badge } from "@openhouse/web/ui/badge";
import type { Column } from "@openhouse/web/ui/data-table";
import Link from "next/link";
import { STAGES } from "../lib/words.ts";

/** What a list of developments shows of each. */
export const DEVELOPMENT_COLUMNS: [Column<DevelopmentOverview>, ...Column<DevelopmentOverview>[]] = [
  { header: "Development", cell: (development) => <Name {...development} /> },
  { header: "Stage", cell: ({ stage }) => <Badge tone={STAGES[stage].tone}>{STAGES[stage].word}</Badge> },
  { header: "Units", align: "end", cell: ({ unitCount }) => formatCount(unitCount) },
  { header: "Homeowners", align: "end", cell: ({ homeownerCount }) => formatCount(homeownerCount) },
  { header: "Documents", align: "end", cell: ({ documentCount }) => formatCount(documentCount) },
  { header: "Conversations", align: "end", cell: ({ threadCount }) => formatCount(threadCount) },
];

function Name({ id, name, address }: DevelopmentOverview) {
  return (
    <>
      <Link href={`/developments/${id}`} className="font-semibold text-accent hover:underline">
        {name}
      </Link>
      <span className="block text-sm font-normal text-muted">{address}</span>
    </>
  );
}
