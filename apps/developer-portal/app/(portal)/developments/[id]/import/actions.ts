"use server";

import { forTenant } from "@openhouse/db/client";
import { importHomes } from "@openhouse/db/queries/home-import";
import { listUnits } from "@openhouse/db/queries/units";
import { guardAction } from "@openhouse/web/action";
import { asForm, id, readForm } from "@openhouse/web/action-input";
import { refuseFields } from "@openhouse/web/form-fields";
import { formatNumberOf } from "@openhouse/web/format";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";
import { type ImportFault, MAX_IMPORT_BYTES, planImport } from "../../../../../lib/home-import.ts";
import { GONE } from "../../../../../lib/words.ts";

export interface ImportState {
  ok: boolean;
  done?: string;
  error?: string;
  faults?: readonly ImportFault[];
  /** What would be added; `csv` is the list again, to be sent back with a yes. */
  preview?: {
    csv: string;
    newUnits: number;
    newHomeowners: number;
    knownUnits: number;
    leftOut: readonly string[];
    /** The first of them. */
    rows: readonly { label: string; what: string; people: string }[];
  };
}

const ROUTE = "/developments/[id]/import";
const MAX_SHOWN = 25;

const read = guardAction(ROUTE, async (sent: FormData): Promise<ImportState> => {
  const { tenantId, staff } = await requireRole(["developer"]);
  const form = asForm(sent);
  const { development } = readForm({ development: id }, form);
  const csv = await textOf(form.get("csv"));
  const refuse = (faults: readonly ImportFault[]): ImportState => {
    refuseFields(ROUTE, { csv: "" }, new FormData());
    return { ok: false, faults };
  };
  if (csv === null)
    return refuse([
      { line: 1, text: "Choose a file of at most 500 KB, saved from your spreadsheet as CSV." },
    ]);
  const db = forTenant(tenantId);
  const { plan, faults } = planImport(csv, await listUnits(db, development));
  if (plan === undefined) return refuse(faults);
  if (form.has("confirm")) {
    const added = await importHomes(db, staff.id, { developmentId: development, homes: plan.homes });
    if (added === null) return GONE;
    refresh();
    return {
      ok: true,
      done: `Added: ${formatNumberOf(added.units, "unit")}, ${formatNumberOf(added.homeowners, "homeowner")}.`,
    };
  }
  const { homes, newUnits, newHomeowners, knownUnits, leftOut } = plan;
  const rows = homes.slice(0, MAX_SHOWN).map(({ label, kind, bedrooms, floorAreaM2, homeowners }) => ({
    label,
    what: `${kind}, ${formatNumberOf(bedrooms, "bedroom")}, ${floorAreaM2.toFixed(1)}\u00a0m²`,
    people: homeowners.map(({ name, email }) => `${name} (${email})`).join(", "),
  }));
  return { ok: true, preview: { csv, newUnits, newHomeowners, knownUnits, leftOut, rows } };
});

/**
 * Reads a list of units and homeowners: `csv`, a file or the text of one. Without `confirm` it answers what would be added, or every
 * fault; with it, adds that. Role developer only.
 */
export async function importList(_previous: ImportState | null, form: FormData): Promise<ImportState> {
  return read(form);
}

/** Null where there is none, or too much of it. Spreadsheets save UTF-8, or Windows-1252 where they are older. */
async function textOf(entry: FormDataEntryValue | null): Promise<string | null> {
  if (entry === null || (typeof entry === "string" ? entry.length : entry.size) > MAX_IMPORT_BYTES)
    return null;
  if (typeof entry === "string") return entry.trim() === "" ? null : entry;
  const bytes = await entry.arrayBuffer();
  if (bytes.byteLength === 0) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
