import { connection } from "next/server";
import { createElement, type FunctionComponent, type ReactNode } from "react";
import { isFirstOfRequest, noteCurrentRoute, respond503, respondWith } from "./current-response.ts";
import { databaseUnavailable } from "./database-unavailable.ts";
import { logError, noteRoute } from "./log-error.ts";
import { DatabaseUnavailable } from "./ui/database-unavailable.tsx";

/**
 * Wraps a page or a layout that loads from the database: `export default guardPage("/documents", Documents)`.
 * Where the database is unavailable, the visitor sees a message that recovers by itself, under status 503 with
 * `Retry-After`. redirect(), notFound() and every other error pass through.
 *
 * What to keep in mind:
 * - It catches what is thrown while `Page` itself runs. Load in the page, and hand plain data down: an async
 *   component below it that throws is rendered later and ends in error.tsx.
 * - Next sends the headers, status included, as soon as something can be shown. A `loading.tsx` or
 *   `<Suspense>` above the page does that before the page has loaded anything, and what comes later is hidden until
 *   a script shows it: the portals have none. On navigation inside the portal the status is always 200, and the
 *   message still shows.
 * - The root layout must render <html>, so it loads nothing; wrap the layout inside it.
 * - `generateMetadata` runs outside: wrap it with `guardMetadata`.
 *
 * @param route the page's pattern, for the log: `/documents/[id]`.
 */
export function guardPage<Props>(
  route: string,
  Page: (props: Props) => Promise<ReactNode>,
): (props: Props) => Promise<ReactNode> {
  return async function GuardedPage(props: Props) {
    await connection(); // `next build` has no database: nothing that loads from one is prerendered
    noteCurrentRoute(route);
    try {
      return await Page(props);
    } catch (error) {
      const unavailable = databaseUnavailable(error);
      if (unavailable === null) {
        noteRoute(error, route);
        throw error;
      }
      // A layout and its page load side by side, and fail together.
      if (isFirstOfRequest(`unavailable: ${unavailable.kind}`)) logError(error, { route });
      respond503(unavailable.retryAfterSeconds);
      return createElement(DatabaseUnavailable);
    }
  };
}

/**
 * What a page shows, under status 404, where there is nothing at its address: `if (found === null) return notThere(NotFound)`.
 * Next's `notFound()` would send an empty page, and have a script fill it.
 */
export function notThere(Message: FunctionComponent): ReactNode {
  respondWith(404);
  return createElement(Message);
}

/**
 * Wraps `generateMetadata`: where the database is unavailable, the page, which loads the same, has the say, and `fallback`
 * is the metadata.
 */
export function guardMetadata<Props, Metadata>(
  generate: (props: Props) => Promise<Metadata>,
  fallback: Metadata,
): (props: Props) => Promise<Metadata> {
  return async (props) => {
    try {
      return await generate(props);
    } catch (error) {
      if (databaseUnavailable(error) === null) throw error;
      return fallback;
    }
  };
}
