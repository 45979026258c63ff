/** Words with blanks between them. The set of them is made when the first is looked for, so that an import makes none. */
export class WordList {
  readonly #text: string;
  #words: ReadonlySet<string> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  has(word: string): boolean {
    return this.#set.has(word);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#set.values();
  }

  get #set(): ReadonlySet<string> {
    this.#words ??= new Set(this.#text.trim().split(/\s+/));
    return this.#words;
  }
}
