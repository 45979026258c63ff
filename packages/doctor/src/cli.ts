#!/usr/bin/env -S node --import tsx
import { existsSync } from "node:fs";
import { runDoctor } from "./command.ts";

// What the environment has wins.
if (existsSync(".env")) process.loadEnvFile(".env");
try {
  process.exitCode = await runDoctor();
} catch (error) {
  const isForReaders = error instanceof Error && "code" in error;
  console.error(isForReaders ? error.message : error);
  process.exitCode = 1;
}
