import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Asking, askChat, type ChatAnswer } from "../support/chat-client.ts";
import { conversationOf, type StoredMessage } from "../support/conversations.ts";
import type { Fixture } from "../support/fixture.ts";
import { asHomeowner, type Homeowner } from "../support/homeowners.ts";
import { type ModelServer, type Reply, startModelServer } from "../support/model-server.ts";
import { end, type Portal, startPortal } from "../support/portals.ts";

export const KEY = "the-secret-key-of-the-model";
const PRIYA = "priya.nair@example.com";
/** Priya's neighbour. */
export const CALLUM = "callum.doyle@example.com";
/** Of another company. */
export const BETH = "beth.carrick@example.com";

export const isA = (type: string) => (chunk: { type: string }) => chunk.type === type;

/** A model in the middle of its answers. */
export interface HeldModel {
  readonly replies: readonly Reply[];
  /** Lets it say the rest. */
  finish(text?: string): void;
}

/** What every test of the chat's route works on. */
export interface ChatScene {
  readonly fixture: () => Fixture;
  /** A real server that does what a test says; at the beginning of each it answers. */
  readonly model: ModelServer;
  /** A tenant portal that asks this model. */
  readonly portal: Portal;
  /** Who asks. */
  readonly priya: Homeowner;
  /** As the superuser. */
  serverUrl(): string;
  /** Starts another instance of the portal. */
  start(settings?: Record<string, string>): Promise<Portal>;
  /** Asks the portal, as Priya unless another cookie is given. */
  ask(asking?: Asking, cookie?: string): Promise<ChatAnswer>;
  /** What the database has of a thread. */
  stored(threadId: string): Promise<StoredMessage[]>;
  /** The model says "One. ", and the rest when it is told to. */
  holdModel(): HeldModel;
}

/** Starts a model and a portal that asks it, for all tests of the enclosing `describe`. */
export function setChatScene(fixture: () => Fixture): ChatScene {
  let made: { model: ModelServer; portal: Portal; priya: Homeowner } | undefined;
  const set = () => {
    if (made === undefined) throw new Error("the scene is set in beforeAll: ask for it in a test");
    return made;
  };
  const serverUrl = () => fixture().portals.postgres.url;
  const startAsking = (model: ModelServer, settings: Record<string, string> = {}) =>
    startPortal("tenant-portal", {
      DATABASE_URL: fixture().portals.appUrl,
      CHAT_BASE_URL: model.baseUrl,
      CHAT_MODEL: "test-model",
      CHAT_API_KEY: KEY,
      CHAT_SILENCE_MS: "5000",
      ...settings,
    });

  beforeAll(async () => {
    const model = await startModelServer();
    made = { model, portal: await startAsking(model), priya: await asHomeowner(serverUrl(), PRIYA) };
  });
  beforeEach(() => {
    set().model.behave((reply) => {
      reply.say("All is well.");
      reply.end();
    });
  });
  afterAll(async () => {
    if (made === undefined) return;
    await end(made.portal);
    await made.model.stop();
  });

  return {
    fixture,
    get model() {
      return set().model;
    },
    get portal() {
      return set().portal;
    },
    get priya() {
      return set().priya;
    },
    serverUrl,
    start: (settings) => startAsking(set().model, settings),
    ask: (asking = {}, cookie = set().priya.cookie) => askChat(set().portal.url, cookie, asking),
    stored: (threadId) => conversationOf(serverUrl(), threadId),
    holdModel() {
      const replies: Reply[] = [];
      set().model.behave((reply) => {
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
  };
}
