/** An e-mail address as it is stored and looked up. */
export const normalizeEmail = (email: string): string => email.trim().toLowerCase();

const MAX_EMAIL_LENGTH = 254;

/** Whether a mail could reach somebody at this address, by its form alone. */
export const isMailable = (email: string): boolean =>
  email.length <= MAX_EMAIL_LENGTH && /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(email);
