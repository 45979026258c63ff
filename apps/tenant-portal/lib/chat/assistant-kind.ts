import { setting } from "@openhouse/web/settings";

/** Who answers: a language model, or the portal itself with passages of the documents. */
export type AssistantKind = "model" | "passages";

export function assistantKind(): AssistantKind {
  return setting("CHAT_BASE_URL") === undefined ? "passages" : "model";
}
