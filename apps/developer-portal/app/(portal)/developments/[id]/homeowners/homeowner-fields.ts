import type { HomeownerFields } from "@openhouse/db/queries/homeowner-changes";
import type { FormField } from "../../../../../components/record-form.tsx";

/** Their fields, with what they hold so far. */
export const homeownerFields = (now?: HomeownerFields): readonly FormField[] => [
  { name: "name", label: "Name", maxLength: 100, value: now?.name ?? "" },
  { name: "email", label: "E-mail address", type: "email", maxLength: 254, value: now?.email ?? "" },
];
