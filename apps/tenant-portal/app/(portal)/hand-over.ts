const KEY = "openhouse-question";

/** Notes that somebody has asked this here, in this window: no link from elsewhere asks anything by itself. */
export function handOver(question: string): void {
  try {
    sessionStorage.setItem(KEY, question);
  } catch {
    // Then it stands in the field of the chat, and waits to be sent.
  }
}

/** The question that was handed over, once. */
export function takeHandedOver(): string | null {
  try {
    const question = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return question;
  } catch {
    return null;
  }
}
