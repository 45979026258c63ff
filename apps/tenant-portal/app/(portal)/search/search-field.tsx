"use client";

import { TextField } from "@openhouse/web/ui/field";
import { useEffect, useRef } from "react";
import { MAX_QUERY_CHARACTERS } from "../../../lib/search/read-search.ts";

/** Holds what the address asks for, also after going back to another search, and keeps the focus while it changes. */
export function SearchField({ query, error }: { query: string; error?: string | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) field.current.value = query;
  }, [query]);
  return (
    <TextField
      ref={field}
      type="search"
      label="Search the documents"
      name="q"
      required
      maxLength={MAX_QUERY_CHARACTERS}
      defaultValue={query}
      enterKeyHint="search"
      error={error}
    />
  );
}
