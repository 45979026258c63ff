import { formatDay, formatOnboardingCode } from "../format.ts";
import type { Mail } from "./send-mail.ts";

export interface CodeMailText {
  email: string;
  homeownerName: string;
  unitLabel: string;
  developmentName: string;
  tenantName: string;
  /** As it is stored. */
  code: string;
  /** Where it leads. */
  link: string;
  expiresAt: Date;
}

/** The mail that a homeowner gets with their code. */
export function codeMail({
  email,
  homeownerName,
  unitLabel,
  developmentName,
  tenantName,
  code,
  link,
  expiresAt,
}: CodeMailText): Mail {
  return {
    to: email,
    subject: `Your code for ${unitLabel}, ${developmentName}`,
    text: [
      `Hello ${homeownerName},`,
      `with this link you open the portal of your home, ${unitLabel} in ${developmentName}: its documents, and answers to your questions.`,
      link,
      `Or type this code at ${new URL("/sign-in", link).href}: ${formatOnboardingCode(code)}`,
      `The code works once, until ${formatDay(expiresAt)}. Please do not pass it on: whoever has it opens your home. You do not know what this is about? Then please tell us.`,
      tenantName,
      "",
    ].join("\n\n"),
  };
}
