import type pg from "pg";

/** Cursors, streams and COPY drive the protocol themselves, at their own pace: no deadline is theirs. */
export function isSubmittable(config: unknown): config is pg.Submittable {
  return (
    typeof config === "object" && config !== null && "submit" in config && typeof config.submit === "function"
  );
}
