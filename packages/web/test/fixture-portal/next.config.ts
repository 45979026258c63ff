export { portalConfig as default } from "@openhouse/web/next-config";
