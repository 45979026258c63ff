import { assistant } from "./assistant.ts";

/** Who answers: a language model, or the portal itself with passages of the documents. */
export type AssistantKind = "model" | "passages";

export function assistantKind(): AssistantKind {
  return assistant().local ? "passages" : "model";
}
