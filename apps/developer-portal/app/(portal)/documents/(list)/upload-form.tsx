"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { FileField, SelectField, TextField } from "@openhouse/web/ui/field";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import { useFocusOnFault } from "@openhouse/web/ui/use-focus-on-fault";
import {
  type ChangeEvent,
  type SubmitEvent,
  startTransition,
  useActionState,
  useEffect,
  useState,
} from "react";
import { FILE_NAME_FIELD, fileFault, UPLOAD_ACCEPT, UPLOAD_HINT } from "../../../../lib/document-file.ts";
import { uploadDocument } from "./actions.ts";

interface UploadFormProps {
  developments: readonly { id: string; name: string }[];
}

export function UploadForm({ developments }: UploadFormProps) {
  const [state, action, pending] = useActionState(uploadDocument, null);
  // What the browser finds wrong with the chosen file; where it has not looked since the last answer, the answer has the say.
  const [chosen, setChosen] = useState<{ fault: string | undefined }>();
  const form = useFocusOnFault(state);

  useEffect(() => {
    if (state?.ok) form.current?.reset();
  }, [state, form]);

  // React empties a form that was sent through `action`. With a title missing, the file would have to be chosen again.
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (pending) return;
    const data = new FormData(event.currentTarget);
    const file = data.get("file");
    if (file instanceof File) data.set(FILE_NAME_FIELD, file.name);
    const fault = faultOf(file);
    setChosen(fault === undefined ? undefined : { fault });
    if (fault === undefined) startTransition(() => action(data));
    else event.currentTarget.querySelector<HTMLElement>("[type=file]")?.focus();
  };

  const faults = state?.faults;
  return (
    <form ref={form} action={action} onSubmit={send} className="space-y-5">
      {state?.ok && (
        <Alert tone="good">
          “{state.uploaded}” is uploaded. Homeowners of the development can read it now, and find it by its
          words in a moment.
        </Alert>
      )}
      {state?.error !== undefined && <Alert tone="critical">{state.error}</Alert>}
      {faults !== undefined && (
        <Alert tone="critical">Nothing was uploaded. Please look at the fields below.</Alert>
      )}
      <SelectField
        label="Development"
        name="development"
        required
        defaultValue=""
        error={faults?.development}
      >
        <option value="" disabled>
          Choose a development
        </option>
        {developments.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Title"
        name="title"
        required
        maxLength={200}
        autoComplete="off"
        hint="As homeowners should see it, such as “Heating and hot water”."
        error={faults?.title}
      />
      <FileField
        label="File"
        name="file"
        required
        accept={UPLOAD_ACCEPT}
        hint={UPLOAD_HINT}
        error={chosen === undefined ? faults?.file : chosen.fault}
        onChange={(event: ChangeEvent<HTMLInputElement>) =>
          setChosen({ fault: faultOf(event.currentTarget.files?.[0]) })
        }
      />
      <SubmitButton pendingLabel="Uploading…" pending={pending} className="w-full">
        Upload
      </SubmitButton>
    </form>
  );
}

/** What can be told without sending a file that the server would only refuse. */
function faultOf(entry: FormDataEntryValue | null | undefined): string | undefined {
  return entry instanceof File ? fileFault(entry) : undefined;
}
