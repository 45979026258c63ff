/**
 * A page's form, as a browser without scripts sends it: every hidden field of it, and `fields`.
 *
 * @param mark what tells the form from others on the page, such as the name of a field.
 * @throws {Error} the page has no such form.
 */
export function fillIn(html: string, mark: string, fields: Record<string, string | File>): FormData {
  const form = html.split("<form").find((part) => part.split("</form>")[0]?.includes(mark));
  if (form === undefined) throw new Error(`no form of this page has ${mark}`);
  const filled = new FormData();
  for (const [tag] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g))
    filled.set(attribute(tag, "name"), attribute(tag, "value"));
  for (const [name, value] of Object.entries(fields)) filled.set(name, value);
  return filled;
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
