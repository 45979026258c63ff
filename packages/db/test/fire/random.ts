/** Chance that a seed repeats. */
export interface Random {
  /** From 0 up to, not including, `below`; whole. */
  below(below: number): number;
  chance(probability: number): boolean;
  of<T>(choices: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, good enough to mix statements. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    below,
    chance: (probability) => next() < probability,
    of(choices) {
      const [first] = choices;
      const chosen = choices[below(choices.length)] ?? first;
      if (chosen === undefined) throw new Error("nothing to choose from");
      return chosen;
    },
  };
}
