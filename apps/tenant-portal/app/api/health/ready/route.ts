export { ready as GET } from "@openhouse/web/health";
