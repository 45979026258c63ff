import { portalConfig } from "@openhouse/web/next-config";

export default portalConfig;
