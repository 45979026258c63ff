export type { Check } from "./check.ts";
export { CHECKS } from "./checks/index.ts";
export { type Arguments, type Command, readArguments, runDoctor, USAGE } from "./command.ts";
export { type ConfigFile, ConfigFileError, type Ignore, readConfigFile } from "./config-file.ts";
export { type DoctorOptions, examine, type Report } from "./examine.ts";
export { type Finding, type Found, type Level, note, ok, skip, warn, wrong } from "./finding.ts";
export { IGNORE_CHECK, type IgnoredFinding } from "./ignore.ts";
