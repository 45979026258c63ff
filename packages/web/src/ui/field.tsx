import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names.tsx";
import { ErrorIcon } from "./status-icons.tsx";

interface FieldProps {
  label: string;
  /** What a right answer looks like; read out with the control. */
  hint?: ReactNode;
  /** What is wrong with the answer given, and what would be right. */
  error?: string | undefined;
}

const CONTROL =
  "block w-full rounded-lg border bg-surface px-3 py-2 text-base text-ink placeholder:text-muted sm:text-sm " +
  "min-h-11 sm:min-h-10";

function Frame({ id, label, hint, error, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {children}
      <Told id={id} hint={hint} error={error} />
    </div>
  );
}

function Told({ id, hint, error }: Omit<FieldProps, "label"> & { id: string }) {
  return (
    <>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="flex gap-1.5 text-sm font-medium text-critical">
          <ErrorIcon className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
    </>
  );
}

function useControl({ hint, error }: Pick<FieldProps, "hint" | "error">) {
  const id = useId();
  const described = classNames(hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`);
  return {
    id,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": error === undefined ? undefined : true,
    className: classNames(CONTROL, error === undefined ? "border-edge" : "border-critical"),
  } as const;
}

/** A labelled one-line input with room for a hint and for what is wrong. */
export function TextField({
  label,
  hint,
  error,
  ...input
}: FieldProps & Omit<ComponentProps<"input">, "id">) {
  const control = useControl({ hint, error });
  return (
    <Frame id={control.id} label={label} hint={hint} error={error}>
      <input {...input} {...control} />
    </Frame>
  );
}

/** A labelled choice; the options are its children. */
export function SelectField({
  label,
  hint,
  error,
  children,
  ...select
}: FieldProps & Omit<ComponentProps<"select">, "id">) {
  const control = useControl({ hint, error });
  return (
    <Frame id={control.id} label={label} hint={hint} error={error}>
      <select {...select} {...control}>
        {children}
      </select>
    </Frame>
  );
}

/** A labelled file input. */
export function FileField({
  label,
  hint,
  error,
  ...input
}: FieldProps & Omit<ComponentProps<"input">, "id" | "type">) {
  const control = useControl({ hint, error });
  return (
    <Frame id={control.id} label={label} hint={hint} error={error}>
      <input
        type="file"
        {...input}
        {...control}
        className={classNames(
          control.className,
          "file:mr-3 file:rounded-md file:border-0 file:bg-accent-soft file:px-3 file:py-1.5 file:text-sm",
          "file:font-semibold file:text-accent-strong",
        )}
      />
    </Frame>
  );
}

/** A labelled box to tick. */
export function CheckField({
  label,
  hint,
  error,
  ...input
}: FieldProps & Omit<ComponentProps<"input">, "id" | "type">) {
  const { id, className: _, ...control } = useControl({ hint, error });
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="flex min-h-11 items-center gap-2.5 text-sm font-medium sm:min-h-10">
        <input type="checkbox" {...input} {...control} id={id} className="size-4 shrink-0 accent-accent" />
        <span>{label}</span>
      </label>
      <Told id={id} hint={hint} error={error} />
    </div>
  );
}
