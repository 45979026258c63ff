import { describe } from "vitest";
import { chatAnswering } from "../chat-api/answering.ts";
import { chatFailing } from "../chat-api/failing.ts";
import { chatRefusing } from "../chat-api/refusing.ts";
import { chatRepeating } from "../chat-api/repeating.ts";
import { setChatScene } from "../chat-api/scene.ts";
import { chatStopping } from "../chat-api/stopping.ts";
import type { Fixture } from "../support/fixture.ts";

/** POST /api/chat of a built portal, with a model that is a real server and does what a test says. */
export function chatApi(fixture: () => Fixture): void {
  describe("the chat's route", () => {
    const scene = setChatScene(fixture);
    chatAnswering(scene);
    chatRepeating(scene);
    chatRefusing(scene);
    chatFailing(scene);
    chatStopping(scene);
  });
}
