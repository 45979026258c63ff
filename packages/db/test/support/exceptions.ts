/** Tables without tenant_id, each with its reason. */
export const WITHOUT_TENANT: Readonly<Record<string, string>> = {
  rate_limits: "attempts are counted before a tenant is known; keys are hashes",
};

/** Tables whose policies let everybody read, while only their tenant may write; each with its reason. */
export const READABLE_BY_ALL: Readonly<Record<string, string>> = {
  tenant_directory:
    "tells which tenant an e-mail or a code belongs to before one is known; the portals' role reaches it through functions",
};

/** Unique constraints that span tenants, so that one learns that another has the value; each with its reason. */
export const UNIQUE_ACROSS_TENANTS: Readonly<Record<string, string>> = {
  tenant_directory_pkey: "an e-mail or a code leads to one tenant",
  rate_limits_pkey: "has no tenant",
};
