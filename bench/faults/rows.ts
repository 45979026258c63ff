import * as row15 from "./abort.ts";
import * as row03 from "./backend-dies.ts";
import * as row02 from "./begin-fails.ts";
import * as row06 from "./end.ts";
import * as row21 from "./frozen-process.ts";
import * as row09 from "./frozen-server.ts";
import * as row16 from "./garbage-settings.ts";
import * as row07 from "./half-open.ts";
import * as row20 from "./hanging-hook.ts";
import * as row22 from "./kept-too-long.ts";
import type { Row } from "./lab.ts";
import * as row23 from "./lifetimes.ts";
import * as row04 from "./lost-in-transaction.ts";
import * as row12 from "./many-waiters.ts";
import * as row19 from "./nested-acquire.ts";
import * as row08 from "./restart.ts";
import * as row05 from "./returned-dirty.ts";
import * as row18 from "./secrets.ts";
import * as row11 from "./slow-connect.ts";
import * as row14 from "./stale-statement.ts";
import * as row13 from "./statement-deadline.ts";
import * as row01 from "./statement-error.ts";
import * as row10 from "./too-many-connections.ts";
import * as row17 from "./wrong-url.ts";

/** The rows of FAULTS.md, in its order. */
export const ROWS: readonly Row[] = [
  row01,
  row02,
  row03,
  row04,
  row05,
  row06,
  row07,
  row08,
  row09,
  row10,
  row11,
  row12,
  row13,
  row14,
  row15,
  row16,
  row17,
  row18,
  row19,
  row20,
  row21,
  row22,
  row23,
];
