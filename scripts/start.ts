import { main } from "./support/main.ts";
import { runPortals } from "./support/run-portals.ts";

await main(() => runPortals("start"));
