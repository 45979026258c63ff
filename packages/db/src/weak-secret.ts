const LEAST_DIFFERENT_BYTES = 8;

/**
 * Why a secret that is long enough can be guessed all the same: one byte over and over, a piece repeated, a walk along the
 * alphabet. What a random generator makes, hexadecimal of 32 characters included, is never one of these.
 *
 * @returns undefined where nothing speaks against it; no answer holds any of the secret.
 */
export function weaknessOf(secret: string): string | undefined {
  const bytes = Buffer.from(secret);
  const different = new Set(bytes).size;
  if (different < LEAST_DIFFERENT_BYTES)
    return `has only ${different} different bytes; it must have at least ${LEAST_DIFFERENT_BYTES}`;
  // A text that repeats a piece is found in itself, doubled, before its own length.
  if (`${secret}${secret}`.indexOf(secret, 1) < secret.length)
    return "repeats one piece; it must be random all through";
  let neighbours = 0;
  for (const [index, byte] of bytes.entries())
    if (Math.abs(byte - (bytes[index - 1] ?? -2)) <= 1) neighbours += 1;
  return neighbours > bytes.length / 2 ? "goes along the alphabet; it must be random" : undefined;
}
