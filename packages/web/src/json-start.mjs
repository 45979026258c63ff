/**
 * What Next says before it runs instrumentation.ts, as JSON as well: `node --import @openhouse/web/json-start`. From then on
 * json-console.ts says it, whose lines pass.
 */
import { format } from "node:util";

for (const level of ["log", "info", "warn", "error"]) {
  const write = console[level].bind(console);
  console[level] = (...said) => {
    const message = format(...said);
    if (message.startsWith('{"time":"')) return write(message);
    if (message.trim() === "") return;
    const time = new Date().toISOString();
    write(
      JSON.stringify({
        time,
        level: level === "log" ? "info" : level,
        event: "web.console",
        message: message.trim(),
      }),
    );
  };
}
