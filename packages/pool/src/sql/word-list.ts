/**
 * Words with blanks between them; `a{b, c}` are ab and ac, as in a shell. The set of them is made when the first is looked for, so that an
 * import makes none.
 */
export class WordList {
  readonly #texts: readonly string[];
  #words: ReadonlySet<string> | undefined;

  constructor(...texts: string[]) {
    this.#texts = texts;
  }

  has(word: string): boolean {
    return this.#set.has(word);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#set.values();
  }

  get #set(): ReadonlySet<string> {
    this.#words ??= new Set(
      this.#texts.join(" ").replaceAll(/,\s+/g, ",").trim().split(/\s+/).flatMap(expanded),
    );
    return this.#words;
  }
}

function expanded(word: string): string[] {
  const [, head, parts, tail] = /^(.*?)\{(.*?)\}(.*)$/.exec(word) ?? [];
  return parts?.split(",").flatMap((part) => expanded(`${head}${part}${tail}`)) ?? [word];
}
