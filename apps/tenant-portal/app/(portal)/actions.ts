"use server";

import { closeSession } from "@openhouse/web/session";
import { redirect } from "next/navigation";

/** Ends the session and goes to the page for scanning a code. Works without the database: the cookie goes in any case. */
export async function signOut(): Promise<void> {
  await closeSession("tenant");
  redirect("/sign-in");
}
