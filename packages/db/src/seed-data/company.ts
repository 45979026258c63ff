import type { DevelopmentStage, StaffRole } from "../schema/index.ts";

export interface SeedCompany {
  name: string;
  slug: string;
  staff: readonly SeedStaff[];
  developments: readonly SeedDevelopment[];
}

export interface SeedStaff {
  name: string;
  email: string;
  role: StaffRole;
  isOperator?: boolean;
  password: string;
}

export interface SeedDevelopment {
  name: string;
  address: string;
  stage: DevelopmentStage;
  units: readonly SeedUnit[];
  /** Names of files in `documents/`, without ".md"; `facts` fill in their {{placeholders}}. */
  documents: readonly DocumentName[];
  facts: Readonly<Record<string, string>>;
}

export interface SeedUnit {
  label: string;
  kind: string;
  bedrooms: number;
  floorAreaM2: number;
  handoverOn: string | null;
  homeowners: readonly SeedHomeowner[];
}

export interface SeedHomeowner {
  name: string;
  email: string;
  /** "replaced": an older code, revoked by the open one. */
  code: "open" | "used" | "expired" | "replaced" | "none";
}

export type DocumentName =
  | "broadband"
  | "handover-guide"
  | "heating-gas-boiler"
  | "heating-heat-network"
  | "heating-heat-pump"
  | "parking-rules"
  | "snagging-guide"
  | "warranties"
  | "waste-collection";

/** A unit in one line: the lists of them are long. */
export const unit = (
  label: string,
  kind: string,
  bedrooms: number,
  floorAreaM2: number,
  handoverOn: string | null,
  ...homeowners: SeedHomeowner[]
): SeedUnit => ({ label, kind, bedrooms, floorAreaM2, handoverOn, homeowners });

export const homeowner = (name: string, code: SeedHomeowner["code"]): SeedHomeowner => ({
  name,
  email: `${name.toLowerCase().replace(/[^a-z]+/g, ".")}@example.com`,
  code,
});
