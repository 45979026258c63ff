export { metrics as GET } from "@openhouse/web/metrics";
