import { BUNDLE } from "./groups/bundle.ts";
import { DRIVERS } from "./groups/drivers.ts";
import { GUESTS } from "./groups/guests.ts";
import { NODE } from "./groups/node.ts";
import { RUNTIMES } from "./groups/runtimes.ts";
import { SERVERS } from "./groups/servers.ts";
import { TESTING } from "./groups/testing.ts";
import { TYPES } from "./groups/types.ts";
import type { Group } from "./row.ts";

export const GROUPS: readonly Group[] = [NODE, TYPES, BUNDLE, DRIVERS, SERVERS, RUNTIMES, GUESTS, TESTING];
