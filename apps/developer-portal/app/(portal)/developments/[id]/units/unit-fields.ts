import type { UnitFields } from "@openhouse/db/queries/unit-changes";
import type { FormField } from "../../../../../components/record-form.tsx";

/** Its fields, with what they hold so far. */
export const unitFields = (now?: UnitFields): readonly FormField[] => [
  {
    name: "label",
    label: "Label",
    hint: "Such as “Plot 4” or “Flat 12”.",
    maxLength: 60,
    value: now?.label ?? "",
  },
  { name: "kind", label: "Kind", hint: "Such as “Terraced house”.", maxLength: 60, value: now?.kind ?? "" },
  {
    name: "bedrooms",
    label: "Bedrooms",
    inputMode: "numeric",
    maxLength: 2,
    value: now === undefined ? "" : String(now.bedrooms),
  },
  {
    name: "floorAreaM2",
    label: "Floor area in m²",
    inputMode: "decimal",
    maxLength: 7,
    value: now === undefined ? "" : String(now.floorAreaM2),
  },
  {
    name: "handoverOn",
    label: "Handover",
    hint: "Leave it empty until it is agreed.",
    type: "date",
    required: false,
    value: now?.handoverOn ?? "",
  },
];
