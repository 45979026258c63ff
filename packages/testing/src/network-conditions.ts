export type Direction = "both" | "toServer" | "toClient";

/** What the proxy does to bytes at the moment; its connections look it up for each piece. */
export interface NetworkConditions {
  blackholed: Direction | "none";
  delayMs: number;
  cutBefore: string | null;
  cutAfter: string | null;
}
