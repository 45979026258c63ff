import type { Message } from "./frontend.ts";
import type { Ledger } from "./ledger.ts";

/** Follows what a client sends on one connection: which statements have left it, and which writes it has asked to commit. */
export class SentWrites {
  readonly #ledger: Ledger;
  readonly #onParameter: (parameter: string) => void;
  readonly #texts = new Map<string, string>();
  #isExplicit = false;
  #writes: string[] = [];
  #bound = { text: "", parameter: "" };

  /** @param onParameter is told the first parameter of each statement. */
  constructor(ledger: Ledger, onParameter: (parameter: string) => void) {
    this.#ledger = ledger;
    this.#onParameter = onParameter;
  }

  note(message: Message): void {
    switch (message.tag) {
      case "parse":
        this.#texts.set(message.name, message.text);
        return;
      case "bind":
        this.#bound = { text: this.#texts.get(message.name) ?? "", parameter: message.values[0] ?? "" };
        this.#onParameter(this.#bound.parameter);
        return;
      case "execute":
        this.#note(this.#bound.text, this.#bound.parameter);
        return;
      case "query":
        this.#note(message.text, "");
        if (!this.#isExplicit) this.#commit();
        return;
      case "sync":
        if (!this.#isExplicit) this.#commit();
    }
  }

  /** The server has answered: where BEGIN has failed, what is sent next commits by itself. */
  answered(isInTransaction: boolean): void {
    this.#isExplicit = isInTransaction;
  }

  #note(text: string, parameter: string): void {
    if (text === "begin") this.#isExplicit = true;
    else if (text === "commit" || text === "rollback") {
      if (text === "commit") this.#commit();
      this.#writes = [];
      this.#isExplicit = false;
    } else if (text.startsWith("insert")) {
      this.#ledger.begin(parameter);
      this.#writes.push(parameter);
    }
  }

  #commit(): void {
    for (const key of this.#writes.splice(0)) this.#ledger.sendCommit(key);
  }
}
