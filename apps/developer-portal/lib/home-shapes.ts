import { decimal, email, line, optionalDay, wholeNumber } from "@openhouse/web/form-fields";

/** What a unit is read by, from its form and from a row of an import. */
export const UNIT_SHAPE = {
  label: line("Give the unit a label, such as “Plot 4”.", 60),
  kind: line("Say what kind of home it is, such as “Terraced house”.", 60),
  bedrooms: wholeNumber(0, 50, "The number of bedrooms is a whole number from 0 to 50."),
  floorAreaM2: decimal(1, 99_999, "The floor area is a number of square metres, such as 84.5."),
  handoverOn: optionalDay("The handover is a day such as 2026-11-21, or empty."),
};

/** What a homeowner is read by, from their form and from a row of an import. */
export const HOMEOWNER_SHAPE = {
  name: line("Give the homeowner’s name.", 100),
  email: email("Give the homeowner’s e-mail address."),
};
