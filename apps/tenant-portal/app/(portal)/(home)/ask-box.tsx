"use client";

import { buttonClass } from "@openhouse/web/ui/button";
import { TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import Form from "next/form";
import { MAX_QUERY_CHARACTERS } from "../../../lib/search/read-search.ts";
import { handOver } from "../hand-over.ts";

/**
 * One field for what somebody came for: searched for, or put to the assistant. Both buttons ask with GET and work without
 * scripts; with them the question is asked at once, where it would wait in the chat's field otherwise.
 */
export function AskBox() {
  return (
    <Form
      action="/search"
      role="search"
      aria-label="Your home’s documents"
      onSubmit={({ nativeEvent, currentTarget }) => {
        const { submitter } = nativeEvent as SubmitEvent;
        const asks = submitter?.getAttribute("formaction") === "/chat";
        if (asks) handOver(String(new FormData(currentTarget).get("q") ?? "").trim());
      }}
      className="flex flex-col gap-3 sm:flex-row sm:items-start"
    >
      <div className="min-w-0 flex-1">
        <TextField
          type="search"
          label="What would you like to know?"
          name="q"
          required
          maxLength={MAX_QUERY_CHARACTERS}
          enterKeyHint="search"
          placeholder="Bins, parking, a fault code…"
        />
      </div>
      {/* As far down as the label is high, beside the field. */}
      <div className="flex gap-3 sm:mt-[1.625rem]">
        <SubmitButton pendingLabel="Searching…" className="flex-1">
          Search
        </SubmitButton>
        <button
          type="submit"
          formAction="/chat"
          className={buttonClass("secondary", "flex-1 whitespace-nowrap")}
        >
          Ask
        </button>
      </div>
    </Form>
  );
}
