import type { HomeAccess } from "@openhouse/db/queries/homes";
import type { FormState } from "@openhouse/web/form-fields";
import { formatDay, formatNumberOf } from "@openhouse/web/format";
import { Card } from "@openhouse/web/ui/card";
import { Section } from "@openhouse/web/ui/section";
import { RecordForm } from "./record-form.tsx";

type Action = (previous: FormState | null, form: FormData) => Promise<FormState>;

interface ArchiveFormProps {
  what: "development" | "unit";
  id: string;
  /** Since when it is in the archive; null where it is not. */
  archivedAt: Date | null;
  access: HomeAccess;
  archive: Action;
  restore: Action;
}

/** Puts a development or a unit into the archive, or brings it back; says what becomes of those who live there. */
export function ArchiveForm({ what, id, archivedAt, access, archive, restore }: ArchiveFormProps) {
  const { devices, openCodes, byLink } = access;
  const isOpen = devices > 0 || openCodes > 0 || byLink > 0;
  return (
    <Section title={archivedAt === null ? `Archive this ${what}` : "In the archive"}>
      <Card>
        {archivedAt === null ? (
          <div className="space-y-3">
            <p className="text-sm text-muted">
              It leaves the lists of your company, and can be brought back at any time. Homeowners notice
              nothing: who is signed in stays signed in and keeps their documents and conversations, and codes
              that are ready to scan still work.
            </p>
            <RecordForm
              action={archive}
              hidden={{ [what]: id }}
              fields={
                isOpen
                  ? [
                      {
                        name: "close",
                        type: "check",
                        required: false,
                        label: `Close it for homeowners too: sign out ${formatNumberOf(devices, "device")}, withdraw ${formatNumberOf(openCodes, "code")}, send no more links by e-mail`,
                      },
                    ]
                  : []
              }
              submit={{ label: "Archive", pending: "Archiving…", look: "secondary" }}
            />
          </div>
        ) : (
          <div className="space-y-3">
            <p className="text-sm text-muted">
              Archived on {formatDay(archivedAt)}.{" "}
              {isOpen
                ? `Homeowners still come in: ${formatNumberOf(devices, "device")} signed in, ${formatNumberOf(openCodes, "code")} ready to scan, ${formatNumberOf(byLink, "homeowner")} sent a link by e-mail who ask for one.`
                : "No homeowner is signed in, no code is ready to scan, and nobody is sent a link by e-mail."}{" "}
              Codes that were withdrawn stay so: make new ones once it is back.
            </p>
            <RecordForm
              action={restore}
              hidden={{ [what]: id }}
              fields={[]}
              submit={{ label: "Bring it back", pending: "Bringing it back…", look: "secondary" }}
            />
          </div>
        )}
      </Card>
    </Section>
  );
}
