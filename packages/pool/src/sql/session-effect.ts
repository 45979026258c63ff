import { EffectReader } from "./effect-reader.ts";
import { type MeaningChange, meaningChangedBy } from "./name-effect.ts";

const NONE: ReadonlySet<string> = new Set();
/** Longer texts are judged anew each time: rows of a bulk insert, which do not come again. */
const LONGEST_TEXT = 16_384;
/** Of each of two generations of verdicts: how many characters, and how many texts. */
const REMEMBERED_CHARACTERS = 1_000_000;
const REMEMBERED_TEXTS = 2_000;

/**
 * Whether every statement of the text is on the closed list of those that leave nothing in the session: queries, changes of
 * rows, SHOW, EXPLAIN of these, and what controls a transaction or ends with it. They call only functions of
 * {@link SAFE_FUNCTIONS} and of `ownFunctions`. What is not understood leaves something.
 *
 * Trusted is what the owner of the schema wrote, and no statement names as a function: triggers, rules, views, defaults,
 * checks, operators, casts; a function that takes a table's row, which reads like a column; an overload under a name of the list.
 *
 * @param ownFunctions `name` or `schema.name`, as a statement writes them, in the catalog's letter case.
 */
export function leavesNothing(text: string, ownFunctions: ReadonlySet<string> = NONE): boolean {
  // The server reads no further than to the first zero byte.
  return !text.includes("\0") && new EffectReader(text, ownFunctions).leavesNothing();
}

/** What is to be known of a text each time that it is sent. */
interface Verdict {
  readonly leavesNothing: boolean;
  readonly meaningChanged: MeaningChange;
}

/**
 * {@link leavesNothing} and {@link meaningChangedBy} with a memory. It is bounded: texts of the younger generation push out the
 * older one.
 */
export class SessionEffects {
  readonly #ownFunctions: ReadonlySet<string>;
  #younger = new Map<string, Verdict>();
  #older = new Map<string, Verdict>();
  #characters = 0;
  /** The one that was asked for last is asked for again while its statement is handed over. */
  #lastText: string | undefined;
  #lastVerdict: Verdict | undefined;

  constructor(ownFunctions: ReadonlySet<string> = NONE) {
    this.#ownFunctions = ownFunctions;
  }

  leavesNothing(text: string): boolean {
    return this.#verdictOn(text).leavesNothing;
  }

  /** The same for a text that calls no function of the application's own either, which may write rows whatever it leaves in the session. */
  callsKnownOnly(text: string): boolean {
    return this.#ownFunctions.size === 0 ? this.leavesNothing(text) : leavesNothing(text);
  }

  meaningChangedBy(text: string): MeaningChange {
    return this.#verdictOn(text).meaningChanged;
  }

  #verdictOn(text: string): Verdict {
    if (text === this.#lastText && this.#lastVerdict !== undefined) return this.#lastVerdict;
    if (text.length > LONGEST_TEXT) return this.#judge(text);
    const verdict = this.#younger.get(text) ?? this.#remember(text);
    this.#lastText = text;
    this.#lastVerdict = verdict;
    return verdict;
  }

  #judge(text: string): Verdict {
    const isHarmless = leavesNothing(text, this.#ownFunctions);
    return { leavesNothing: isHarmless, meaningChanged: meaningChangedBy(text, isHarmless) };
  }

  #remember(text: string): Verdict {
    const verdict = this.#older.get(text) ?? this.#judge(text);
    const isFull = this.#characters + text.length > REMEMBERED_CHARACTERS;
    if (isFull || this.#younger.size >= REMEMBERED_TEXTS) {
      this.#older = this.#younger;
      this.#younger = new Map();
      this.#characters = 0;
    }
    this.#characters += text.length;
    this.#younger.set(text, verdict);
    return verdict;
  }
}
