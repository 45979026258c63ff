export { POST } from "@openhouse/web/csp-report";
