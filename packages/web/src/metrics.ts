import { databaseMetrics } from "@openhouse/db/metrics";
import {
  createMetricsHandler,
  eventLoopFamilies,
  type MetricsHandlerOptions,
  renderMetrics,
} from "@openhouse/pool/http";
import { trustedProxies } from "./client-address.ts";
import { isFromThisMachine } from "./current-response.ts";
import { setting } from "./settings.ts";

/** Shorter ones are guessed. */
const MIN_TOKEN_LENGTH = 16;

/** The scrape of a portal, one line in it: `export { metrics as GET } from "@openhouse/web/metrics";`. */
export const metrics = createMetricsHandler({
  render: async () => renderMetrics([...(await databaseMetrics()), ...eventLoopFamilies()]),
  ...forScrapers(),
});

/** For whom figures are: who shows `METRICS_TOKEN`, or without one this machine. */
export function forScrapers(): Pick<MetricsHandlerOptions, "token" | "isLocal"> {
  return {
    token: metricsToken,
    // Through a proxy on this machine everybody's request would come from it.
    isLocal: () => trustedProxies() === 0 && isFromThisMachine(),
  };
}

/** `METRICS_TOKEN`: what a scrape must show. Empty is not set. */
export function metricsToken(): string | undefined {
  return setting("METRICS_TOKEN") || undefined;
}

/** What is wrong with `METRICS_TOKEN`; empty where nothing is. It does not say what it is. */
export function metricsTokenFaults(token = metricsToken()): readonly string[] {
  if (token === undefined || (token.length >= MIN_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token))) return [];
  return [
    `METRICS_TOKEN must have at least ${MIN_TOKEN_LENGTH} characters, none of them a blank: make one with openssl rand -hex 32`,
  ];
}
