"use server";

import { withClient } from "@openhouse/db/client";
import { guardAction } from "@openhouse/web/action";
import { readForm, text } from "@openhouse/web/action-input";
import { redirect } from "next/navigation";

export const save = guardAction("/form: save", async (_state: unknown, form: FormData) => {
  readForm({ next: text(100).optional() }, form);
  await withClient((client) => client.query("select 1"));
  if (form.get("next") === "break") await withClient((client) => client.query("select nothing from nowhere"));
  if (form.get("next") === "leave") redirect("/documents");
  return { ok: true, error: "" };
});
