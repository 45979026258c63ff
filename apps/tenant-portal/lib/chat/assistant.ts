import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { extractiveModel } from "./extractive-model.ts";
import { fewerPieces } from "./fewer-pieces.ts";
import { chatSettings } from "./settings.ts";

/** Who answers. */
export interface Assistant {
  readonly model: LanguageModelV4;
  /** For the page to show. */
  readonly label: string;
  /** Whether it is the one that only quotes. */
  readonly local: boolean;
  /** How long it may say nothing, in milliseconds. */
  readonly silenceMs: number;
}

const LOCAL: Assistant = {
  model: extractiveModel,
  label: "local extractive assistant",
  local: true,
  silenceMs: 30_000,
};

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
