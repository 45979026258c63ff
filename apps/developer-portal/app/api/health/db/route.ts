export { db as GET } from "@openhouse/web/health";
