"use server";

import { withClient } from "@openhouse/db/client";
import { calmAction } from "@openhouse/web/action";
import { redirect } from "next/navigation";

export const save = calmAction("/form: save", async (_state: unknown, form: FormData) => {
  await withClient((client) => client.query("select 1"));
  if (form.get("next") === "leave") redirect("/documents");
  return { ok: true, error: "" };
});
