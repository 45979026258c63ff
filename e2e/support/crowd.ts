import { type Answer, Visitor } from "./visitor.ts";

/** A page or route, and what its answer must hold to be the right one. */
export interface Visit {
  readonly path: string;
  readonly holds: string;
}

/** Visitors who are signed in and ask for one page after the other, each on a keep-alive connection, until they are told to stop. */
export class Crowd {
  readonly size: number;
  readonly answers: Answer[] = [];
  /** What went wrong, in words. */
  readonly failures: string[] = [];
  readonly #visitors: readonly Visitor[];
  readonly #visits: readonly Visit[];
  #underWay = 0;
  #stopping = false;
  #rounds: Promise<unknown> = Promise.resolve();

  constructor(origin: string, cookie: string, visits: readonly Visit[], size: number) {
    this.size = size;
    this.#visits = visits;
    this.#visitors = Array.from({ length: size }, () => new Visitor(origin, cookie));
  }

  /** Requests that have no answer yet. */
  get underWay(): number {
    return this.#underWay;
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
        if (fault !== undefined) this.failures.push(`${visit.path}: ${fault}`);
      } catch (error) {
        this.failures.push(`${visit.path}, ${Math.round(performance.now() - sentAtMs)} ms: ${error}`);
        return;
      } finally {
        this.#underWay -= 1;
      }
    }
  }
}

/** What is wrong with an answer; undefined when it is whole and right. */
export function faultOf({ status, body }: Answer, { holds }: Visit): string | undefined {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`;
  if (body.startsWith("<!DOCTYPE html>") && !body.endsWith("</html>")) return "the page has no end";
  return body.includes(holds) ? undefined : `"${holds}" is missing`;
}
