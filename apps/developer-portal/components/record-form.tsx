"use client";

import type { FormState } from "@openhouse/web/form-fields";
import { Alert } from "@openhouse/web/ui/alert";
import type { ButtonLook } from "@openhouse/web/ui/button";
import { CheckField, FileField, SelectField, TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import { useActionState } from "react";

export interface FormField {
  name: string;
  label: string;
  hint?: string;
  /** @default "text" */
  type?: "text" | "email" | "date" | "check" | "file" | "password";
  /** Of a file: what the browser offers. */
  accept?: string;
  value?: string;
  /** Makes it a choice of these. */
  options?: readonly { value: string; label: string }[];
  /** @default true */
  required?: boolean;
  /** @default 200 */
  maxLength?: number;
  inputMode?: "numeric" | "decimal";
  autoComplete?: string;
}

interface RecordFormProps {
  action: (previous: FormState | null, form: FormData) => Promise<FormState>;
  /** What goes with it unseen. */
  hidden?: Readonly<Record<string, string>>;
  fields: readonly FormField[];
  /** `name`: what it is called where its label stands there more than once. */
  submit: { label: string; name?: string; pending: string; look?: ButtonLook };
}

/** A form for one row: its fields with what is wrong with each, and what was typed kept. The server reads it, with scripts or without. */
export function RecordForm({ action, hidden = {}, fields, submit }: RecordFormProps) {
  const [state, send] = useActionState(action, null);
  const form = useFocusOnFault(state);
  return (
    <form ref={form} action={send} className="space-y-5">
      {state?.done !== undefined && <Alert tone="good">{state.done}</Alert>}
      {state?.secret !== undefined && <Secret {...state.secret} />}
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      {state?.faults !== undefined && (
        <Alert tone="critical">Nothing was saved. Please look at the fields below.</Alert>
      )}
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {fields.map((field) => (
        <Field
          key={field.name}
          {...field}
          value={state?.typed?.[field.name] ?? (state?.typed === undefined ? field.value : "")}
          error={state?.faults?.[field.name]}
        />
      ))}
      <SubmitButton
        pendingLabel={submit.pending}
        look={submit.look ?? "primary"}
        {...(submit.name !== undefined && { "aria-label": submit.name })}
      >
        {submit.label}
      </SubmitButton>
    </form>
  );
}

/** Seen here and never again. */
function Secret({ label, text }: { label: string; text: string }) {
  return (
    <div className="space-y-1 rounded-lg border border-edge bg-sunken p-3 text-sm">
      <p className="font-medium">{label}</p>
      <p className="font-mono text-xs break-all select-all" data-secret={text}>
        {text}
      </p>
    </div>
  );
}

function Field(props: Omit<FormField, "value"> & { error: string | undefined; value: string | undefined }) {
  const { type = "text", value = "", options, required = true, maxLength = 200, hint, ...rest } = props;
  const shared = { ...rest, required, ...(hint !== undefined && { hint }) };
  if (type === "file") return <FileField {...shared} />;
  if (type === "check") return <CheckField {...shared} />;
  if (options === undefined) {
    return (
      <TextField
        autoComplete="off"
        {...shared}
        type={type}
        defaultValue={value}
        {...(type !== "date" && { maxLength })}
      />
    );
  }
  return (
    // Another key: React leaves a choice as it is when its default changes.
    <SelectField key={value} {...shared} defaultValue={value}>
      {value === "" && (
        <option value="" disabled>
          Choose one
        </option>
      )}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </SelectField>
  );
}
