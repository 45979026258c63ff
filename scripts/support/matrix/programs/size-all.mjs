export * from "@openhouse/pool";
