import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { fewerPieces } from "./fewer-pieces.ts";
import { chatSettings } from "./settings.ts";

/** Who answers: the one that only quotes, or a model. */
export type Assistant = LocalAssistant | RemoteAssistant;

interface LocalAssistant {
  readonly local: true;
  /** For the page to show. */
  readonly label: string;
}

export interface RemoteAssistant {
  readonly local: false;
  readonly label: string;
  readonly model: LanguageModelV4;
  /** How long it may say nothing, in milliseconds. */
  readonly silenceMs: number;
}

const LOCAL: LocalAssistant = { local: true, label: "local extractive assistant" };

let made: Assistant | undefined;

/**
 * The assistant that the settings ask for.
 *
 * @throws {ChatConfigError} the settings are wrong. The portal does not start with such.
 */
export function assistant(): Assistant {
  made ??= makeAssistant();
  return made;
}

function makeAssistant(): Assistant {
  const settings = chatSettings();
  if (settings.kind === "local") return LOCAL;
  const { baseUrl, model, apiKey, silenceMs } = settings;
  const provider = createOpenAICompatible({
    name: "chat",
    baseURL: baseUrl,
    ...(apiKey !== undefined && { apiKey }),
  });
  const inPieces = wrapLanguageModel({ model: provider.chatModel(model), middleware: fewerPieces });
  return { model: inPieces, label: model, local: false, silenceMs };
}
