const A_WHILE_MS = 50;

/** Of any number of things, one: counted around. */
export function nth<T>(items: readonly T[], which: number): T | undefined {
  return items[which % items.length];
}

/** Waits for an answer that may never come: the network may be deaf. */
export async function aWhile(answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, A_WHILE_MS);
  });
  await Promise.race([answer, enough]);
  clearTimeout(timer);
}
