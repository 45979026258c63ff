import type { DevelopmentFields } from "@openhouse/db/queries/development-changes";
import { choice, line } from "@openhouse/web/form-fields";
import type { FormField } from "../../../components/record-form.tsx";
import { STAGES } from "../../../lib/words.ts";

const STAGE_WORDS = ["planning", "building", "completed"] as const satisfies readonly (keyof typeof STAGES)[];

/** What a development's form is read by. */
export const DEVELOPMENT_SHAPE = {
  name: line("Give the development a name."),
  address: line("Give the development an address."),
  stage: choice(STAGE_WORDS, "Choose how far the development is."),
};

/** Its fields, with what they hold so far. */
export const developmentFields = (now?: DevelopmentFields): readonly FormField[] => [
  {
    name: "name",
    label: "Name",
    hint: "As homeowners know it, such as “Orchard Rise”.",
    value: now?.name ?? "",
  },
  {
    name: "address",
    label: "Address",
    hint: "Street, town and postcode.",
    value: now?.address ?? "",
  },
  {
    name: "stage",
    label: "Stage",
    value: now?.stage ?? "planning",
    options: STAGE_WORDS.map((value) => ({ value, label: STAGES[value].word })),
  },
];
