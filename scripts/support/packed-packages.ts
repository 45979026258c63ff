import { packDoctor } from "./packed-doctor.ts";
import { packTesting } from "./packed-pool.ts";

/** What is published, by the folder of `packages` that it comes from. All have one version. */
export interface PackedPackages {
  readonly pool: string;
  readonly testing: string;
  readonly doctor: string;
}

/** Builds and packs all that is published. @returns the tarballs' paths, in `directory`. */
export function packPackages(directory: string): PackedPackages {
  return { ...packDoctor(directory), testing: packTesting(directory) };
}
