"use server";

import { closeSession } from "@openhouse/web/session";
import { redirect } from "next/navigation";

/** Ends the session and goes to the sign-in. Works without the database: the cookie goes in any case. */
export async function signOut(): Promise<void> {
  await closeSession("developer");
  redirect("/sign-in");
}
