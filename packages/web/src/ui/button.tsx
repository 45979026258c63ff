import Link from "next/link";
import type { ComponentProps } from "react";
import { classNames } from "./class-names.tsx";

export type ButtonLook = "primary" | "secondary" | "quiet";

const LOOKS: Record<ButtonLook, string> = {
  primary: "border-transparent bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "border-edge bg-surface text-ink hover:bg-sunken",
  quiet: "border-transparent text-accent hover:bg-accent-soft",
};

// 44 px high where a finger is the pointer, 40 px where it is not.
const SHAPE =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg border px-4 py-2 text-sm font-semibold " +
  "transition-colors sm:min-h-10 print:hidden";

const RESTING = "aria-disabled:cursor-default aria-disabled:opacity-60 disabled:opacity-60";

/** Classes of a button, for an element that is one by other means. */
export function buttonClass(look: ButtonLook = "primary", className?: string): string {
  return classNames(SHAPE, RESTING, LOOKS[look], className);
}

type ButtonProps = ComponentProps<"button"> & { look?: ButtonLook };

/** A button; `type` is `button` unless told otherwise, so that one inside a form does not send it by accident. */
export function Button({ look = "primary", className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={buttonClass(look, className)} {...rest} />;
}

type ButtonLinkProps = ComponentProps<typeof Link> & { look?: ButtonLook };

/** A link that looks like a button: it goes somewhere and changes nothing. */
export function ButtonLink({ look = "primary", className, ...rest }: ButtonLinkProps) {
  return <Link className={buttonClass(look, className)} {...rest} />;
}
