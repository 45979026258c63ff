import { consoleLogger, type Logger } from "@openhouse/pool";

/** Where the portals write: one JSON object a line. */
export const log: Logger = consoleLogger({ format: "json", debug: false });
