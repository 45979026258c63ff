import type { ImportedHome } from "@openhouse/db/queries/home-import";
import { readFields } from "@openhouse/web/form-fields";
import { formatCount } from "@openhouse/web/format";
import { parseCsv } from "./csv.ts";
import { HOMEOWNER_SHAPE, UNIT_SHAPE } from "./home-shapes.ts";

export const MAX_IMPORT_BYTES = 500_000;
const MAX_ROWS = 2_000;
/** Each row is looked through for each of them. */
const MAX_COLUMNS = 100;

/** What a column may be called, in small letters; the first is what we call it. */
const COLUMNS = {
  label: ["unit", "plot", "label", "unit label"],
  kind: ["kind", "type", "house type"],
  bedrooms: ["bedrooms", "beds"],
  floorAreaM2: ["floor area", "floor area m2", "floor area in m²", "floor area (m²)", "area"],
  handoverOn: ["handover", "handover date", "handover on"],
  name: ["homeowner", "name", "homeowner name"],
  email: ["e-mail", "email", "e-mail address", "email address"],
} as const;
type Column = keyof typeof COLUMNS;
const REQUIRED: readonly Column[] = ["label", "kind", "bedrooms", "floorAreaM2"];

/** A file that would be read, for people to copy. */
export const EXAMPLE_CSV = `unit,kind,bedrooms,floor area,handover,homeowner,e-mail
Plot 1,Terraced house,3,84.5,2026-11-21,Nora Field,nora@example.com
Plot 1,Terraced house,3,84.5,2026-11-21,Tom Field,tom@example.com
Plot 2,Semi-detached house,4,102,,,`;

export interface ImportFault {
  /** Of the file, from 1. */
  line: number;
  text: string;
}

/** What the development has already, in the archive or not. */
export interface KnownUnit {
  label: string;
  homeowners: readonly { email: string }[];
}

export interface ImportPlan {
  homes: ImportedHome[];
  newUnits: number;
  newHomeowners: number;
  /** Units that are there already, and stay as they are; homeowners of the file are added to them. */
  knownUnits: number;
  /** Columns that nothing was read from. */
  leftOut: string[];
}

/** Reads units and homeowners of a CSV text, and tells every fault of it at once. */
export function planImport(
  text: string,
  known: readonly KnownUnit[],
): { plan: ImportPlan; faults?: never } | { plan?: never; faults: ImportFault[] } {
  const { rows, fault } = parseCsv(text.replace(/^\uFEFF/, ""));
  if (rows === undefined) return { faults: [{ line: 1, text: fault }] };
  const [header, ...body] = rows;
  if (header === undefined || body.length === 0)
    return {
      faults: [{ line: 1, text: "The file has no rows below its first line, which names the columns." }],
    };
  if (body.length > MAX_ROWS) {
    const text = `The file has ${formatCount(body.length)} rows; the most is ${formatCount(MAX_ROWS)}. Split it into several files.`;
    return { faults: [{ line: 1, text }] };
  }
  if (header.cells.length > MAX_COLUMNS) {
    const text = `The first line names ${formatCount(header.cells.length)} columns; the most is ${formatCount(MAX_COLUMNS)}.`;
    return { faults: [{ line: header.line, text }] };
  }
  const columns = header.cells.map(columnOf);
  const faults = headerFaults(columns).map((text) => ({ line: header.line, text }));
  if (faults.length > 0) return { faults };

  const homes = new Map<string, ImportedHome>();
  for (const { line, cells } of body) {
    const values: Partial<Record<Column, string>> = {};
    for (const [at, column] of columns.entries()) if (column !== undefined) values[column] = cells[at] ?? "";
    if (cells.length > columns.length)
      faults.push({ line, text: "The row has more cells than the first line has columns." });
    for (const text of readRow(values, homes)) faults.push({ line, text });
  }
  if (faults.length > 0) return { faults };
  return {
    plan: compare(
      [...homes.values()],
      known,
      header.cells.filter((_, at) => columns[at] === undefined),
    ),
  };
}

const columnOf = (cell: string): Column | undefined =>
  (Object.keys(COLUMNS) as Column[]).find((column) =>
    (COLUMNS[column] as readonly string[]).includes(cell.toLowerCase().replace(/\s+/g, " ")),
  );

function headerFaults(columns: readonly (Column | undefined)[]): string[] {
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  const twice = columns.filter((column, at) => column !== undefined && columns.indexOf(column) !== at);
  const faults: string[] = [];
  if (missing.length > 0)
    faults.push(
      `The first line has to name the columns. Missing: ${missing.map((column) => COLUMNS[column][0]).join(", ")}.`,
    );
  for (const column of twice)
    if (column !== undefined) faults.push(`Two columns are “${COLUMNS[column][0]}”.`);
  return faults;
}

/** Adds a row's unit and homeowner to `homes`; answers what is wrong with it. */
function readRow(values: Partial<Record<Column, string>>, homes: Map<string, ImportedHome>): string[] {
  const day = (values.handoverOn ?? "").replace(/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, (_, d, m, y) =>
    [y, m.padStart(2, "0"), d.padStart(2, "0")].join("-"),
  );
  const unit = readFields(UNIT_SHAPE, { ...values, handoverOn: day });
  const hasPerson = Boolean(values.name) || Boolean(values.email);
  const person = hasPerson ? readFields(HOMEOWNER_SHAPE, values) : undefined;
  const faults = [...Object.values(unit.faults ?? {}), ...Object.values(person?.faults ?? {})];
  if (unit.fields === undefined) return faults;
  const { label } = unit.fields;
  const home = homes.get(label) ?? { ...unit.fields, homeowners: [] };
  const { homeowners, ...before } = home;
  if (JSON.stringify(before) !== JSON.stringify(unit.fields))
    faults.push(`“${label}” stands above with another kind, size or handover.`);
  if (person?.fields !== undefined) {
    const { email } = person.fields;
    if (homeowners.some((other) => other.email === email))
      faults.push(`This e-mail address stands above for “${label}” already.`);
    else homeowners.push(person.fields);
  }
  if (faults.length === 0) homes.set(label, home);
  return faults;
}

function compare(homes: ImportedHome[], known: readonly KnownUnit[], leftOut: string[]): ImportPlan {
  const byLabel = new Map(known.map((unit) => [unit.label, unit]));
  const emails = (label: string) => byLabel.get(label)?.homeowners.map(({ email }) => email) ?? [];
  const knownUnits = homes.filter(({ label }) => byLabel.has(label)).length;
  return {
    homes,
    newUnits: homes.length - knownUnits,
    newHomeowners: homes.flatMap(({ label, homeowners }) =>
      homeowners.filter(({ email }) => !emails(label).includes(email)),
    ).length,
    knownUnits,
    leftOut: leftOut.filter((name) => name !== ""),
  };
}
