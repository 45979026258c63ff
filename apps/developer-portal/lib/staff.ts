import type { StaffRole } from "@openhouse/web/session";

/** Everybody who works at a developer company. For `requireRole`, which every page and action calls: a layout protects nothing. */
export const ANY_STAFF = ["developer", "viewer"] as const satisfies readonly StaffRole[];

export const ROLE_NAMES: Record<StaffRole, string> = { developer: "Developer", viewer: "Viewer" };
