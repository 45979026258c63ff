import { CONTESTANTS } from "../clients/index.ts";
import { beginOperation, THROUGHPUT, times } from "../compare/throughput.ts";
import type { Entry, Work } from "../compare/work.ts";

const { ours, drizzlePg } = CONTESTANTS;

const UNMODIFIED: Entry = { title: "ours, unmodified", client: "ours", variant: "scopedSelect" };
const SIGNED: Entry = { title: "ours, signed tenant", client: "ours", variant: "preparedSignedSelect" };
const UNSCOPED: Entry = {
  title: "drizzle(pg.Pool), unscoped, .prepare()",
  client: "drizzlePg",
  variant: "preparedUnscopedSelect",
};
const OURS_UNSCOPED: Entry = {
  title: "ours, unscoped, .prepare()",
  client: "ours",
  variant: "preparedUnscopedSelect",
};

export const preparedTenantSelect: Work = {
  id: "15",
  title: "tenant-scoped select, prepared for any tenant",
  method:
    "(5), prepared by the program. Ours: `prepareFor((db) => …)`, built once for the process and run for a tenant that changes with each call. drizzle(pg.Pool): a transaction with `set_config(…, true)` and `.prepare()` in it, as a prepared query belongs to one handle; `unscoped` reads the same row by tenant and key, without policies.",
  better: "more",
  columns: THROUGHPUT,
  baseline: UNMODIFIED.title,
  entries: [
    { title: ours.title, client: "ours" },
    UNMODIFIED,
    SIGNED,
    { title: drizzlePg.title, client: "drizzlePg" },
    UNSCOPED,
    OURS_UNSCOPED,
  ],
  goals: [
    {
      what: "prepared to unmodified",
      wanted: 1.7,
      better: "more",
      of: times("perSecond", ours.title, UNMODIFIED.title),
    },
    {
      what: "ours to .prepare(), unscoped",
      wanted: 0.7,
      better: "more",
      of: times("perSecond", ours.title, UNSCOPED.title),
    },
    {
      what: "with a signed tenant to .prepare(), unscoped",
      wanted: 0.6,
      better: "more",
      of: times("perSecond", SIGNED.title, UNSCOPED.title),
    },
    {
      what: "ours to the RLS transaction with .prepare()",
      wanted: 3,
      better: "more",
      of: times("perSecond", ours.title, drizzlePg.title),
    },
  ],
  ahead: {
    [UNSCOPED.title]: "It does less: it sets no tenant, and no policy is checked.",
    [OURS_UNSCOPED.title]: "It does less: it sets no tenant, and no policy is checked.",
  },
  begin: (job) => {
    switch (job.entry.variant) {
      case "scopedSelect":
      case "preparedSignedSelect":
      case "preparedUnscopedSelect":
        return beginOperation(job.entry.variant, job);
      default:
        return beginOperation("preparedScopedSelect", job);
    }
  },
};
