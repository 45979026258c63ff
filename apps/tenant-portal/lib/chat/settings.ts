import { isThisMachine } from "@openhouse/db/this-machine";
import { setting } from "@openhouse/web/settings";

/** Which model answers: an OpenAI-compatible endpoint's, or, without one, the local extractive one. */
export type ChatSettings =
  | { kind: "local" }
  | { kind: "endpoint"; baseUrl: string; model: string; apiKey: string | undefined; silenceMs: number };

/** The chat's settings are wrong. `faults` lists all; none holds the key. */
export class ChatConfigError extends Error {
  readonly code = "CHAT_CONFIG";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The chat's settings are wrong:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.name = "ChatConfigError";
    this.faults = faults;
  }
}

const SILENCE_MS = { usual: 30_000, min: 1_000, max: 300_000 };

/**
 * Reads `CHAT_BASE_URL`, `CHAT_MODEL`, `CHAT_API_KEY` and `CHAT_SILENCE_MS`. An empty one counts as not set.
 *
 * @throws {ChatConfigError} listing every fault.
 */
export function chatSettings(read: (name: string) => string | undefined = setting): ChatSettings {
  const get = (name: string) => read(name)?.trim() || undefined;
  const baseUrl = get("CHAT_BASE_URL");
  const model = get("CHAT_MODEL");
  const apiKey = get("CHAT_API_KEY");
  const silence = get("CHAT_SILENCE_MS");
  const faults: string[] = [];
  if (baseUrl === undefined) {
    if (model !== undefined) faults.push("CHAT_MODEL is set, but CHAT_BASE_URL, where it is served, is not");
    if (apiKey !== undefined) faults.push("CHAT_API_KEY is set, but CHAT_BASE_URL, whose key it is, is not");
  } else {
    if (!isEndpoint(baseUrl))
      faults.push(
        "CHAT_BASE_URL must be an http(s) address without user or password, such as https://api.example.com/v1",
      );
    else if (read("NODE_ENV") === "production" && !isPrivateWay(baseUrl))
      faults.push(
        "CHAT_BASE_URL is plain http to another machine, where everybody on the way reads questions, documents and the key; " +
          "it must be https in production, such as https://api.example.com/v1",
      );
    if (model === undefined) faults.push("CHAT_MODEL must name the model that CHAT_BASE_URL serves");
  }
  const silenceMs = silence === undefined ? SILENCE_MS.usual : Number(silence);
  const { min, max } = SILENCE_MS;
  if (!Number.isInteger(silenceMs) || silenceMs < min || silenceMs > max)
    faults.push(`CHAT_SILENCE_MS must be a whole number from ${min} to ${max}, got "${silence}"`);
  if (faults.length > 0) throw new ChatConfigError(faults);
  if (baseUrl === undefined || model === undefined) return { kind: "local" };
  return { kind: "endpoint", baseUrl, model, apiKey, silenceMs };
}

/** What is wrong with the chat's settings; empty where nothing is. */
export function chatFaults(): readonly string[] {
  try {
    chatSettings();
    return [];
  } catch (error) {
    if (error instanceof ChatConfigError) return error.faults;
    throw error;
  }
}

/** Encrypted, or no way at all. */
function isPrivateWay(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || isThisMachine(hostname);
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
