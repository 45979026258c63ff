export {
  createHealthHandlers,
  type HealthHandlers,
  type HealthReport,
  type HttpHandler,
  toNodeListener,
} from "./health/handlers.ts";
