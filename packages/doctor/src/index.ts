export { CHECKS } from "./checks/index.ts";
export { type Arguments, type Command, readArguments, runDoctor, USAGE } from "./command.ts";
export { type ConfigFile, ConfigFileError, type Ignore, readConfigFile } from "./config-file.ts";
export type { DoctorOptions } from "./examination.ts";
export { examine, type Report } from "./examine.ts";
export type { Finding, Level } from "./finding.ts";
export { IGNORE_CHECK, type IgnoredFinding } from "./ignore.ts";
