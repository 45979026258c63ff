export { live as GET } from "@openhouse/web/health";
