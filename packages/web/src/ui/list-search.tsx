import Form from "next/form";
import type { ReactNode } from "react";
import { MAX_LIST_TEXT } from "../list-query.ts";
import { TextField } from "./field.tsx";
import { SubmitButton } from "./submit-button.tsx";

interface ListSearchProps {
  path: string;
  label: string;
  text: string;
  /** What else the address holds and is to stay. */
  kept?: Readonly<Record<string, string>>;
  /** Further filters. */
  children?: ReactNode;
}

/** Searches a list by its address, so that it works without scripts. */
export function ListSearch({ path, label, text, kept = {}, children }: ListSearchProps) {
  return (
    <Form action={path} role="search" className="flex flex-wrap items-end gap-3 print:hidden">
      <div className="min-w-52 flex-1 sm:max-w-xs">
        <TextField
          key={text}
          type="search"
          name="q"
          label={label}
          defaultValue={text}
          maxLength={MAX_LIST_TEXT}
          autoComplete="off"
        />
      </div>
      {children}
      {Object.entries(kept).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton look="secondary" pendingLabel="Searching…">
        Search
      </SubmitButton>
    </Form>
  );
}
