export { figures as GET } from "@openhouse/web/figures/route";
