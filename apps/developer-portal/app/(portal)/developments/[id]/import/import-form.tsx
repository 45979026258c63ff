"use client";

import { formatCount, formatNumberOf } from "@openhouse/web/format";
import { Alert } from "@openhouse/web/ui/alert";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { FileField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useActionState } from "react";
import { type ImportState, importList } from "./actions.ts";

const MAX_FAULTS_SHOWN = 100;

type Preview = NonNullable<ImportState["preview"]>;

const COLUMNS: [Column<Preview["rows"][number]>, ...Column<Preview["rows"][number]>[]] = [
  { header: "Unit", cell: ({ label }) => label },
  { header: "Home", cell: ({ what }) => what },
  { header: "Homeowners", cell: ({ people }) => <span className="break-all">{people || "Nobody yet"}</span> },
];

/** Sends a list, shows what would come of it, and sends it again with a yes: with scripts or without. */
export function ImportForm({ developmentId }: { developmentId: string }) {
  const [state, action] = useActionState(importList, null);
  const preview = state?.preview;
  return (
    <div className="space-y-8">
      {state?.done !== undefined && <Alert tone="good">{state.done}</Alert>}
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      {state?.faults !== undefined && <Faults faults={state.faults} />}
      {preview !== undefined && (
        <form action={action} className="space-y-5">
          <Summary {...preview} />
          <input type="hidden" name="development" value={developmentId} />
          <input type="hidden" name="confirm" value="yes" />
          <input type="hidden" name="csv" value={preview.csv} />
          <DataTable
            caption="What the list holds"
            columns={COLUMNS}
            rows={preview.rows}
            rowKey={({ label }) => label}
          />
          {preview.newUnits + preview.newHomeowners > 0 && (
            <SubmitButton pendingLabel="Adding…">
              Add {formatNumberOf(preview.newUnits, "unit")} and{" "}
              {formatNumberOf(preview.newHomeowners, "homeowner")}
            </SubmitButton>
          )}
        </form>
      )}
      <form action={action} className="max-w-xl space-y-5">
        <input type="hidden" name="development" value={developmentId} />
        <FileField
          label={preview === undefined ? "List" : "Another list"}
          name="csv"
          required
          accept=".csv,text/csv"
          hint="A CSV file, as spreadsheets save it, at most 500 KB and 2,000 rows. Nothing is added before you have seen it."
        />
        <SubmitButton look={preview === undefined ? "primary" : "secondary"} pendingLabel="Reading…">
          Show what it holds
        </SubmitButton>
      </form>
    </div>
  );
}

function Summary({ newUnits, newHomeowners, knownUnits, leftOut, rows }: Preview) {
  const all = newUnits + knownUnits;
  return (
    <div className="space-y-2">
      <Alert tone={newUnits + newHomeowners > 0 ? "good" : "caution"}>
        {newUnits + newHomeowners > 0
          ? `The list can be read: ${formatNumberOf(newUnits, "new unit")}, ${formatNumberOf(newHomeowners, "new homeowner")}. Nothing is added yet.`
          : "All of this is there already; there is nothing to add."}
      </Alert>
      {knownUnits > 0 && (
        <p className="text-sm text-muted">
          {formatNumberOf(knownUnits, "unit")} of the list {knownUnits === 1 ? "is" : "are"} there already and{" "}
          {knownUnits === 1 ? "stays" : "stay"} as now; only homeowners that are missing are added.
        </p>
      )}
      {leftOut.length > 0 && (
        <p className="text-sm break-words text-muted">
          Nothing is read from these columns: {leftOut.join(", ")}.
        </p>
      )}
      {all > rows.length && (
        <p className="text-sm text-muted">
          The first {rows.length} of {formatNumberOf(all, "unit")}:
        </p>
      )}
    </div>
  );
}

function Faults({ faults }: { faults: NonNullable<ImportState["faults"]> }) {
  const more = faults.length - MAX_FAULTS_SHOWN;
  return (
    <Alert tone="critical">
      <p>
        Nothing was added. {faults.length === 1 ? "One thing is" : `${formatCount(faults.length)} things are`}{" "}
        to be put right in the file:
      </p>
      <ul className="mt-2 list-disc space-y-1 pl-5 font-normal">
        {faults.slice(0, MAX_FAULTS_SHOWN).map(({ line, text }) => (
          <li key={`${line} ${text}`}>
            Line {formatCount(line)}: {text}
          </li>
        ))}
        {more > 0 && <li>and {formatCount(more)} more</li>}
      </ul>
    </Alert>
  );
}
