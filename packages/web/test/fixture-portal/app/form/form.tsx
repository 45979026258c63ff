"use client";

import { useActionState } from "react";
import { save } from "./actions.ts";

export function Form() {
  const [state, action] = useActionState(save, null);
  return (
    <form action={action}>
      <input name="next" />
      <output>{state === null ? "untouched" : state.ok ? "saved" : state.error}</output>
    </form>
  );
}
