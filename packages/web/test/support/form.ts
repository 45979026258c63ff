/** Sends the page's first form as a browser without scripts does: every hidden field of it, and `fields`. */
export async function submitForm(
  page: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const html = await (await fetch(page)).text();
  const body = new FormData();
  for (const [tag] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    body.set(attribute(tag, "name"), attribute(tag, "value"));
  }
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const origin = new URL(page).origin;
  return fetch(page, { method: "POST", body, redirect: "manual", headers: { origin, ...headers } });
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
