import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, Visitor } from "./visitor.ts";

/** A page or route, and what its answer must hold to be the right one. */
export interface Visit {
  readonly path: string;
  readonly holds: string;
}

/** What went wrong with one request. */
export interface Failure {
  readonly text: string;
  /** As `performance.now()` tells it. */
  readonly sentAtMs: number;
}

/** Visitors who are signed in and ask for one page after the other, each on a keep-alive connection, until they are told to stop. */
export class Crowd {
  readonly size: number;
  readonly answers: Answer[] = [];
  readonly failed: Failure[] = [];
  readonly #visitors: readonly Visitor[];
  readonly #visits: readonly Visit[];
  readonly #pauseMs: number;
  #underWay = 0;
  #stopping = false;
  #rounds: Promise<unknown> = Promise.resolve();

  /** @param pauseMs between an answer and the next request. */
  constructor(origin: string, cookie: string, visits: readonly Visit[], size: number, pauseMs = 0) {
    this.size = size;
    this.#pauseMs = pauseMs;
    this.#visits = visits;
    this.#visitors = Array.from({ length: size }, () => new Visitor(origin, cookie));
  }

  /** Requests that have no answer yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** What went wrong, in words. */
  get failures(): string[] {
    return this.failed.map(({ text }) => text);
  }

  start(): void {
    this.#rounds = Promise.all(this.#visitors.map((visitor, index) => this.#goRound(visitor, index)));
  }

  /** Nobody asks for anything further. */
  stop(): void {
    this.#stopping = true;
  }

  /** Resolves when everybody has stopped and has the last answer. */
  async gone(): Promise<void> {
    await this.#rounds;
    for (const visitor of this.#visitors) visitor.leave();
  }

  async #goRound(visitor: Visitor, first: number): Promise<void> {
    for (let turn = first; !this.#stopping; turn++) {
      const visit = this.#visits[turn % this.#visits.length];
      if (visit === undefined) return;
      this.#underWay += 1;
      const sentAtMs = performance.now();
      try {
        const answer = await visitor.get(visit.path);
        this.answers.push(answer);
        const fault = faultOf(answer, visit);
        if (fault !== undefined) this.#fail(`${visit.path}: ${fault}`, sentAtMs);
      } catch (error) {
        this.#fail(`${visit.path}, ${Math.round(performance.now() - sentAtMs)} ms: ${error}`, sentAtMs);
        return;
      } finally {
        this.#underWay -= 1;
      }
      if (this.#pauseMs > 0) await sleep(this.#pauseMs);
    }
  }

  #fail(text: string, sentAtMs: number): void {
    this.failed.push({ text, sentAtMs });
  }
}

/** What is wrong with an answer; undefined when it is whole and right. */
export function faultOf({ status, body }: Answer, { holds }: Visit): string | undefined {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`;
  if (body.startsWith("<!DOCTYPE html>") && !body.endsWith("</html>")) return "the page has no end";
  return body.includes(holds) ? undefined : `"${holds}" is missing`;
}
