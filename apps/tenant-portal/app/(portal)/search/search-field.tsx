"use client";

import { TextField } from "@openhouse/web/ui/field";
import { useEffect, useRef } from "react";
import { MAX_QUERY_CHARACTERS } from "../../../lib/search/read-search.ts";

/**
 * Holds what the address asks for, also after going back to another search, and keeps the focus while it changes. What is typed
 * before the page's scripts run, or while an answer is on its way, stays.
 */
export function SearchField({ query, error }: { query: string; error?: string | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  const shown = useRef(query);
  const asked = useRef<string | null>(null);

  useEffect(() => {
    const { form } = field.current ?? {};
    const onSubmit = () => {
      asked.current = field.current?.value ?? null;
    };
    form?.addEventListener("submit", onSubmit);
    return () => form?.removeEventListener("submit", onSubmit);
  }, []);

  useEffect(() => {
    const { current: input } = field;
    if (input === null || query === shown.current) return;
    shown.current = query;
    const typedSince = asked.current?.trim() === query && input.value !== asked.current;
    asked.current = null;
    if (!typedSince) input.value = query;
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
