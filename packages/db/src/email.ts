/** An e-mail address as it is stored and looked up. */
export const normalizeEmail = (email: string): string => email.trim().toLowerCase();
