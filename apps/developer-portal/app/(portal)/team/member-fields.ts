import { choice } from "@openhouse/web/form-fields";
import type { StaffRole } from "@openhouse/web/session";
import type { FormField } from "../../../components/record-form.tsx";
import { ANY_STAFF, ROLE_HINT, ROLE_NAMES } from "../../../lib/staff.ts";

export const ROLE = choice(ANY_STAFF, "Choose what they may do.");

export const roleField = (now: StaffRole): FormField => ({
  name: "role",
  label: "Role",
  hint: ROLE_HINT,
  value: now,
  options: ANY_STAFF.map((value) => ({ value, label: ROLE_NAMES[value] })),
});
