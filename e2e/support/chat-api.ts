import { expect } from "vitest";
import { type Asking, askChat, type ChatAnswer } from "./chat-client.ts";
import { conversationOf, type StoredMessage } from "./conversations.ts";
import { asHomeowner, type Homeowner } from "./homeowners.ts";
import { type ModelServer, type Reply, startModelServer } from "./model-server.ts";
import { end, type Portal, type Portals, startPortal } from "./portals.ts";

export const KEY = "the-secret-key-of-the-model";
const PRIYA = "priya.nair@example.com";
/** Priya's neighbour. */
export const CALLUM = "callum.doyle@example.com";
/** Of another company. */
export const BETH = "beth.carrick@example.com";

export const isA = (type: string) => (chunk: { type: string }) => chunk.type === type;

/** How a stream ends that failed: a code for the page, and words for whoever knows the protocol alone. */
export const failure = (code: string, words: RegExp) => [
  { type: "data-error", data: { code }, transient: true },
  { type: "error", errorText: expect.stringMatching(words) },
];

/** A model in the middle of its answers. */
export interface HeldModel {
  readonly replies: readonly Reply[];
  /** Lets it say the rest. */
  finish(text?: string): void;
}

/** POST /api/chat of a built portal, and a model that is a real server and does what a test says. */
export interface ChatApi {
  readonly model: ModelServer;
  /** A tenant portal that asks this model. */
  readonly portal: Portal;
  /** Who asks. */
  readonly priya: Homeowner;
  /** Starts another instance of the portal. */
  start(settings?: Record<string, string>): Promise<Portal>;
  /** Asks the portal, as Priya unless another cookie is given. */
  ask(asking?: Asking, cookie?: string): Promise<ChatAnswer>;
  /** What the database has of a thread. */
  stored(threadId: string): Promise<StoredMessage[]>;
  /** The model says "One. ", and the rest when it is told to. */
  holdModel(): HeldModel;
  stop(): Promise<void>;
}

/** How a model behaves that nothing is wrong with. */
export function answerWell(reply: Reply): void {
  reply.say("All is well.");
  reply.end();
}

export async function startChatApi({ postgres, appUrl }: Portals): Promise<ChatApi> {
  const model = await startModelServer();
  const start = (settings: Record<string, string> = {}) =>
    startPortal("tenant-portal", {
      DATABASE_URL: appUrl,
      CHAT_BASE_URL: model.baseUrl,
      CHAT_MODEL: "test-model",
      CHAT_API_KEY: KEY,
      CHAT_SILENCE_MS: "5000",
      ...settings,
    });
  const portal = await start();
  const priya = await asHomeowner(postgres.url, PRIYA);
  return {
    model,
    portal,
    priya,
    start,
    ask: (asking = {}, cookie = priya.cookie) => askChat(portal.url, cookie, asking),
    stored: (threadId) => conversationOf(postgres.url, threadId),
    holdModel() {
      const replies: Reply[] = [];
      model.behave((reply) => {
        replies.push(reply);
        reply.say("One. ");
      });
      return {
        replies,
        finish(text = "Two.") {
          for (const reply of replies) {
            reply.say(text);
            reply.end();
          }
        },
      };
    },
    async stop() {
      await end(portal);
      await model.stop();
    },
  };
}
