import type { StaffRole } from "@openhouse/web/session";

/** Everybody who works at a developer company. For `requireRole`, which every page and action calls: a layout protects nothing. */
export const ANY_STAFF = ["developer", "viewer"] as const satisfies readonly StaffRole[];

/** Roles, as people at a house builder call them. */
export const ROLE_NAMES: Record<StaffRole, string> = { developer: "Editor", viewer: "Viewer" };

/** What each of them may do. */
export const ROLE_HINT =
  "Editors change everything, and invite colleagues. Viewers look, and change nothing.";
