/** What a program of `programs/` says of one check. */
export interface CheckLine {
  readonly name: string;
  readonly wrong?: string;
}

export function countChecks(
  lines: readonly CheckLine[],
  label = "",
): { readonly checks: number; readonly wrong: readonly string[] } {
  const wrong = lines.flatMap(({ name, wrong }) =>
    wrong === undefined ? [] : [`${label}${name}: ${wrong}`],
  );
  return { checks: lines.length, wrong };
}
