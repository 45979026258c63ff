import type { Row } from "./lab.ts";
import * as row01 from "./row-01.ts";
import * as row02 from "./row-02.ts";
import * as row03 from "./row-03.ts";
import * as row04 from "./row-04.ts";
import * as row05 from "./row-05.ts";
import * as row06 from "./row-06.ts";
import * as row07 from "./row-07.ts";
import * as row08 from "./row-08.ts";
import * as row09 from "./row-09.ts";
import * as row10 from "./row-10.ts";
import * as row11 from "./row-11.ts";
import * as row12 from "./row-12.ts";
import * as row13 from "./row-13.ts";
import * as row14 from "./row-14.ts";
import * as row15 from "./row-15.ts";
import * as row16 from "./row-16.ts";
import * as row17 from "./row-17.ts";
import * as row18 from "./row-18.ts";
import * as row19 from "./row-19.ts";
import * as row20 from "./row-20.ts";
import * as row21 from "./row-21.ts";
import * as row22 from "./row-22.ts";
import * as row23 from "./row-23.ts";

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
