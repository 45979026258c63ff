/**
 * The row of a statement that answers exactly one, such as `insert ... returning`.
 *
 * @throws when there is none, or more than one: the statement is not what its caller takes it for.
 */
export function expectOne<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`Expected exactly one row, got ${rows.length}.`);
  return row;
}
