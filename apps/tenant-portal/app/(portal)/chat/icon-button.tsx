import { classNames } from "@openhouse/web/ui/class-names";
import type { ComponentProps } from "react";

type IconButtonProps = Omit<ComponentProps<"button">, "type" | "title" | "aria-label"> & { label: string };

/** A button that shows a picture only; its name is read out, and shown to a pointer that rests on it. */
export function IconButton({ label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(
        "inline-flex size-11 shrink-0 items-center justify-center rounded-lg text-muted transition-colors",
        "hover:bg-sunken hover:text-ink sm:size-10",
        className,
      )}
      {...rest}
    />
  );
}
