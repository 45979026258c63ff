"use server";

import { guardAction } from "@openhouse/web/action";
import { asForm, readForm, text } from "@openhouse/web/action-input";
import { clientAddress } from "@openhouse/web/client-address";
import { respond429, respond503 } from "@openhouse/web/current-response";
import { sentDevice } from "@openhouse/web/device-cookie";
import { type FormState, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { requireRole } from "@openhouse/web/require-role";
import { changeOwnPassword } from "@openhouse/web/staff-accounts";
import { checkStaffCredentials } from "@openhouse/web/staff-credentials";
import { isTooBusy } from "@openhouse/web/work-limit";
import { NOT_THE_SAME, PASSWORD_SHAPE } from "../../../lib/password-fields.ts";
import { ANY_STAFF } from "../../../lib/staff.ts";
import { GONE, MANY_SIGN_IN, tooManyAttempts } from "../../../lib/words.ts";

const ROUTE = "/password: change";
/** Longer than any password is. */
const MOST = 10_000;

const change = guardAction(ROUTE, async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(ANY_STAFF);
  const form = asForm(sent);
  const { current = "" } = readForm({ current: text(MOST).optional() }, form);
  const { fields, faults } = readFormFields(PASSWORD_SHAPE, form);
  // Nothing of what was typed goes back into the page.
  const refuse = (wrong: Record<string, string>) => ({ ...refuseFields(ROUTE, wrong, new FormData()) });
  if (faults !== undefined) return refuse({ ...faults });
  if (fields.password !== fields.again) return refuse(NOT_THE_SAME);
  const checked = await checkStaffCredentials({
    email: session.staff.email,
    password: current,
    address: await clientAddress(),
    device: await sentDevice(),
  });
  switch (checked.outcome) {
    case "wrong":
      return refuse({ current: "This is not your password." });
    case "limited":
      respond429(checked.retryAfterSeconds);
      return { ok: false, error: tooManyAttempts(checked.retryAfterSeconds) };
    case "busy":
      respond503(checked.retryAfterSeconds);
      return { ok: false, error: MANY_SIGN_IN };
  }
  try {
    const done = await changeOwnPassword(session, fields.password);
    return done ? { ok: true, done: "Changed. Your other devices are signed out." } : GONE;
  } catch (error) {
    if (!isTooBusy(error)) throw error;
    return { ok: false, error: MANY_SIGN_IN };
  }
});

/** Changes one's own password, for who types the one before. */
export async function changePassword(_previous: FormState | null, form: FormData): Promise<FormState> {
  return change(form);
}
