import type { FormField } from "./record-form.tsx";

/** Fields for a new password, typed twice. */
export const NEW_PASSWORD_FIELDS: readonly FormField[] = [
  {
    name: "password",
    label: "New password",
    type: "password",
    autoComplete: "new-password",
    hint: "At least 12 characters; several words are easy to remember.",
  },
  { name: "again", label: "New password again", type: "password", autoComplete: "new-password" },
];
