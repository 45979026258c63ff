"use server";

import { guardAction } from "@openhouse/web/action";
import { asForm, readForm, text } from "@openhouse/web/action-input";
import { respondWith } from "@openhouse/web/current-response";
import { type FormState, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { setPasswordByLink } from "@openhouse/web/staff-accounts";
import { isTooBusy } from "@openhouse/web/work-limit";
import { redirect } from "next/navigation";
import { NOT_THE_SAME, PASSWORD_SHAPE } from "../../../lib/password-fields.ts";
import { MANY_SIGN_IN } from "../../../lib/words.ts";

const ROUTE = "/join/[token]";

const join = guardAction(ROUTE, async (sent: FormData): Promise<FormState> => {
  const form = asForm(sent);
  const { token } = readForm({ token: text(2_000) }, form);
  const { fields, faults } = readFormFields(PASSWORD_SHAPE, form);
  // Nothing of what was typed goes back into the page.
  if (faults !== undefined) return refuseFields(ROUTE, faults, new FormData());
  if (fields.password !== fields.again) return refuseFields(ROUTE, NOT_THE_SAME, new FormData());
  try {
    if (await setPasswordByLink(token, fields.password)) redirect("/sign-in");
  } catch (error) {
    if (!isTooBusy(error)) throw error;
    return { ok: false, error: MANY_SIGN_IN };
  }
  respondWith(410);
  return { ok: false, error: "This link is no longer good. Please ask a colleague for a new one." };
});

/** Sets the password of whose link it is, and goes to the sign-in. */
export async function setPassword(_previous: FormState | null, form: FormData): Promise<FormState> {
  return join(form);
}
