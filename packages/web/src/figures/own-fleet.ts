import { processGlobal } from "@openhouse/pool/process";
import { Fleet } from "./fleet.ts";
import { peerHeaders, peerOrigins } from "./peers.ts";
import { ownFigures, ownHistory } from "./process-figures.ts";

/** As this process knows it. Shared by the copies of this module that a bundler makes. */
export const fleet = processGlobal(
  "web/figures/fleet",
  () =>
    new Fleet({
      origins: () => peerOrigins(),
      headers: peerHeaders,
      own: { figures: ownFigures, history: ownHistory },
    }),
);
