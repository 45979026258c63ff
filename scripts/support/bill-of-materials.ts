import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A package as package-lock.json has it. */
interface Locked {
  name?: string;
  version?: string;
  license?: string;
  integrity?: string;
  /** Where a workspace lies, for the link to it. */
  resolved?: string;
  link?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const APPS = ["apps/developer-portal", "apps/tenant-portal"];

/**
 * What the portals run on, ours included, as package-lock.json pins it: a CycloneDX 1.5 document. Walked from the portals, because
 * `npm sbom --omit dev` leaves out what a workspace shares with the root's tools, Next and pg among it.
 */
export function billOfMaterials(root: string) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const found = new Set<string>();
  const visit = (place: string): void => {
    if (found.has(place)) return;
    found.add(place);
    for (const name of needsOf(packages[place] ?? {})) {
      const next = placeOf(packages, place, name);
      if (next !== undefined) visit(next);
    }
  };
  for (const app of APPS) visit(app);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "application", name: "openhouse" } },
    components: [...found].sort().map((place) => componentOf(place, packages[place] ?? {})),
  };
}

/** A peer that is optional is there for somebody else's sake: of the tools, most often. */
function needsOf({
  dependencies,
  optionalDependencies,
  peerDependencies = {},
  peerDependenciesMeta,
}: Locked) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Where Node finds a package: beside, or further up. A peer or a platform that is not installed is nowhere. */
function placeOf(packages: Record<string, Locked>, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    const found = packages[place];
    if (found !== undefined) return found.link ? found.resolved : place;
    if (folder === "") return undefined;
  }
}

function componentOf(place: string, { name, version = "0.0.0", license, integrity }: Locked) {
  const own = name ?? place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
  const [algorithm, digest] = integrity?.split("-") ?? [];
  return {
    type: "library",
    name: own,
    version,
    purl: `pkg:npm/${own.replace("@", "%40")}@${version}`,
    ...(license !== undefined && { licenses: [{ expression: license }] }),
    ...(algorithm === "sha512" &&
      digest !== undefined && {
        hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }],
      }),
  };
}
