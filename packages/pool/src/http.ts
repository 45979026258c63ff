export {
  createHealthHandlers,
  type HealthHandlers,
  type HealthReport,
  type HttpHandler,
  toNodeListener,
} from "./health/handlers.ts";
export { createMetricsHandler, type MetricsHandlerOptions } from "./health/metrics-handler.ts";
export { type PoolHealth, type PoolHealthOptions, poolHealth } from "./pool-health.ts";
export { type Servers, serverFamilies } from "./server-families.ts";
export { eventLoopFamilies } from "./telemetry/event-loop.ts";
export { type Labels, type MetricFamily, renderMetrics, type Sample } from "./telemetry/metric-family.ts";
export { type MeasuredPool, poolFamilies, poolMetrics } from "./telemetry/pool-families.ts";
