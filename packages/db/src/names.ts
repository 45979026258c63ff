/**
 * What is invisible and changes how a name is read or compared: control characters, halves of surrogate pairs, line
 * separators, signs that turn the direction of writing, and what is left out when a text is drawn.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/u;

/** Of these, what a script or an emoji needs: it stands behind what it changes. */
const NEEDED = new RegExp(
  [
    // Joiners, in scripts whose letters join.
    String.raw`(?<=(?![\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Han}\p{sc=Zinh}])[\p{L}\p{M}])[\u200C\u200D]`,
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})`,
    // As a picture or as text; other forms of the same letter.
    String.raw`(?<=\p{Emoji})[\uFE0E\uFE0F]`,
    String.raw`(?<=\p{sc=Han})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
    String.raw`(?<=\p{sc=Mong})[\u180B-\u180F]`,
    // The flags of England, Scotland and Wales.
    String.raw`(?<=\u{1F3F4})[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{2,6}\u{E007F}`,
  ].join("|"),
  "gu",
);

/**
 * The first character of a name, a title or a file's name that nobody would see, as "U+202E"; null where there is none.
 * Such a name reads as another one: `exe.pdf` behind a sign that turns the direction.
 */
export function unseenCharacter(name: string): string | null {
  const [found] = UNSEEN.exec(name.replace(NEEDED, "")) ?? [];
  const code = found?.codePointAt(0);
  return code === undefined ? null : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A text without what a name may not hold, for a name that is made of what somebody wrote. */
export function withoutUnseen(text: string): string {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: needed, index } of text.matchAll(NEEDED)) {
    parts.push(text.slice(end, index).replace(EVERY_UNSEEN, ""), needed);
    end = index + needed.length;
  }
  return parts.join("") + text.slice(end).replace(EVERY_UNSEEN, "");
}

const EVERY_UNSEEN = new RegExp(UNSEEN, "gu");
