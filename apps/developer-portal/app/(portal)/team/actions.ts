"use server";

import { guardAction } from "@openhouse/web/action";
import { asForm, id, oneOf, readForm } from "@openhouse/web/action-input";
import { email, type FormState, line, readFormFields, refuseFields } from "@openhouse/web/form-fields";
import { requireRole } from "@openhouse/web/require-role";
import { giveRole, inviteColleague, resetPassword, setDisabled } from "@openhouse/web/staff-accounts";
import { refresh } from "next/cache";
import { joinUrl } from "../../../lib/join-url.ts";
import { GONE } from "../../../lib/words.ts";
import { ROLE } from "./member-fields.ts";

const secret = async (token: string) => ({
  label: "Send them this link. It is good once, for 7 days, and shown only now:",
  text: await joinUrl(token),
});

const INVITE = "/team/new: invite";
const INVITED = {
  name: line("Give your colleague’s name.", 100),
  email: email("Give your colleague’s e-mail address."),
  role: ROLE,
};
const invite = guardAction(INVITE, async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const form = asForm(sent);
  const { fields, faults } = readFormFields(INVITED, form);
  if (faults !== undefined) return refuseFields(INVITE, faults, form);
  const token = await inviteColleague(session, fields);
  if (token === "taken")
    return refuseFields(INVITE, { email: "There is an account with this e-mail address already." }, form);
  return { ok: true, done: `${fields.name} is invited.`, secret: await secret(token) };
});

/** Adds an account and shows the link to its first password, once. Role developer only, as all of these. */
export async function inviteMember(_previous: FormState | null, form: FormData): Promise<FormState> {
  return invite(form);
}

const link = guardAction("/team/[id]: new link", async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const { member } = readForm({ member: id }, sent);
  const token = await resetPassword(session, member);
  if (token === null) return GONE;
  return {
    ok: true,
    done: "The link is made. Links from before are no longer good.",
    secret: await secret(token),
  };
});

/** Shows a link by which a colleague sets a new password, once. */
export async function makeLink(_previous: FormState | null, form: FormData): Promise<FormState> {
  return link(form);
}

const ROLES = "/team/[id]: role";
const change = guardAction(ROLES, async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const form = asForm(sent);
  const { member } = readForm({ member: id }, form);
  const { fields, faults } = readFormFields({ role: ROLE }, form);
  if (faults !== undefined) return refuseFields(ROLES, faults, form);
  const done = await giveRole(session, member, fields.role);
  refresh();
  return done ? { ok: true, done: "Saved." } : GONE;
});

/** Gives a colleague another role. */
export async function changeRole(_previous: FormState | null, form: FormData): Promise<FormState> {
  return change(form);
}

const access = guardAction("/team/[id]: access", async (sent: FormData): Promise<FormState> => {
  const session = await requireRole(["developer"]);
  const { member, change } = readForm({ member: id, change: oneOf("disable", "enable") }, sent);
  const done = await setDisabled(session, member, change === "disable");
  refresh();
  if (!done) return GONE;
  return {
    ok: true,
    done: change === "disable" ? "They are out, and cannot come in." : "They can come in again.",
  };
});

/** Disables a colleague's account, or enables it. */
export async function changeAccess(_previous: FormState | null, form: FormData): Promise<FormState> {
  return access(form);
}
