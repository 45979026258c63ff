import Link from "next/link";
import type { ReactNode } from "react";
import { classNames } from "./class-names.tsx";

export interface Column<Row> {
  header: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the end, digits under digits. */
  align?: "end";
  /** What the list is sorted by when this header is pressed. */
  sort?: string;
}

/** How the rows are sorted, and where each way of it leads. */
export interface Sorting {
  by: string;
  descending: boolean;
  href: (sort: string, descending: boolean) => string;
}

interface DataTableProps<Row> {
  /** What the table shows; read out before it, not seen. */
  caption: string;
  /** The first column names the row: its cells are row headers, and the titles of the cards on a phone. */
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
}

/**
 * A table that becomes a list of cards below 768 px, where its columns would not fit.
 * The roles are written out because a table loses them, in some browsers, when its `display` is changed.
 */
export function DataTable<Row>({ caption, columns, rows, rowKey, sorting }: DataTableProps<Row>) {
  const [title, ...others] = columns;
  return (
    <div className="relative md:overflow-x-auto md:rounded-xl md:border md:border-line md:bg-surface md:shadow-card">
      {/* biome-ignore-start lint/a11y/noRedundantRoles: see above, they are lost without it */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: these are the semantic elements */}
      <table role="table" className="block w-full text-sm md:table">
        <caption className="sr-only">{caption}</caption>
        <thead role="rowgroup" className="sr-only md:not-sr-only md:table-header-group">
          <tr role="row" className="md:border-b md:border-line">
            {columns.map((column) => (
              <th
                key={column.header}
                role="columnheader"
                scope="col"
                aria-sort={sortOf(column, sorting)}
                className={classNames(
                  "px-4 py-3 text-xs font-semibold text-muted",
                  column.align === "end" ? "text-right" : "text-left",
                )}
              >
                <Header column={column} sorting={sorting} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className="block space-y-3 md:table-row-group">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              role="row"
              className={classNames(
                "block rounded-xl border border-line bg-surface p-4 shadow-card",
                "md:table-row md:rounded-none md:border-0 md:bg-transparent md:p-0 md:shadow-none",
                "md:not-last:border-b",
              )}
            >
              <th
                role="rowheader"
                scope="row"
                className="block pb-2 text-left text-base font-semibold md:table-cell md:px-4 md:py-3 md:align-top md:text-sm"
              >
                {title.cell(row)}
              </th>
              {others.map((column) => (
                <td
                  key={column.header}
                  role="cell"
                  className={classNames(
                    "flex flex-wrap items-baseline justify-between gap-x-4 py-1 md:table-cell md:px-4 md:py-3 md:align-top",
                    column.align === "end" && "tabular-nums md:text-right",
                  )}
                >
                  <span aria-hidden="true" className="shrink-0 text-muted md:hidden">
                    {column.header}
                  </span>
                  <span
                    className={classNames(
                      "ml-auto max-w-full text-right",
                      column.align !== "end" && "md:text-left",
                    )}
                  >
                    {column.cell(row)}
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/useSemanticElements: closes the range above */}
      {/* biome-ignore-end lint/a11y/noRedundantRoles: closes the range above */}
    </div>
  );
}

type Sortable = Pick<Column<unknown>, "header" | "sort">;

function sortOf({ sort }: Sortable, sorting: Sorting | undefined): "ascending" | "descending" | undefined {
  if (sort === undefined || sort !== sorting?.by) return undefined;
  return sorting.descending ? "descending" : "ascending";
}

function Header({ column, sorting }: { column: Sortable; sorting: Sorting | undefined }) {
  const { header, sort } = column;
  if (sort === undefined || sorting === undefined) return header;
  const way = sortOf(column, sorting);
  return (
    <>
      {/* Cards have no heads to press; what stands there is for screen readers. */}
      <span className="md:hidden">{header}</span>
      <Link
        href={sorting.href(sort, way === "ascending")}
        prefetch={false}
        className="hidden rounded whitespace-nowrap hover:text-ink hover:underline md:inline"
      >
        {header}
        <span aria-hidden="true">{way === undefined ? "" : way === "ascending" ? " ↑" : " ↓"}</span>
      </Link>
    </>
  );
}
