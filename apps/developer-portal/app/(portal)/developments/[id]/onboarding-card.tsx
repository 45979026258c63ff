import type { NewestCode } from "@openhouse/db/queries/units";
import { formatDay, formatMoment, formatNumberOf, formatOnboardingCode } from "@openhouse/web/format";
import { canSendMail } from "@openhouse/web/mail/send-mail";
import { Badge } from "@openhouse/web/ui/badge";
import { classNames } from "@openhouse/web/ui/class-names";
import { QrCode } from "../../../../components/qr-code.tsx";
import { onboardingUrl } from "../../../../lib/tenant-portal.ts";
import { CODE_MAILS, CODE_STATES } from "../../../../lib/words.ts";
import { CodeForms } from "./code-forms.tsx";

export interface OnboardingCardProps {
  homeowner: { id: string; name: string; email: string };
  unitLabel: string;
  code: NewestCode | null;
  /** Whether a code of theirs was used so far. */
  wasOpened: boolean;
  /** Where they are signed in, the first one first. */
  sessions: readonly { createdAt: Date }[];
  /** Whoever holds an open code can sign in as the homeowner, so only those who may issue one see it. */
  mayIssue: boolean;
}

/** One homeowner's way in: the picture to scan, the code to type, and how it stands with them. */
export function OnboardingCard(props: OnboardingCardProps) {
  const { homeowner, unitLabel, code, wasOpened, sessions, mayIssue } = props;
  const open = code?.state === "open" ? code : null;
  return (
    <div className="flex max-w-md flex-col gap-4 rounded-xl border border-line bg-surface p-5 shadow-card print:shadow-none">
      <div className="flex items-start justify-between gap-3">
        <h2 className="font-semibold">Onboarding code</h2>
        <span className="print:hidden">
          <CodeBadge code={code} />
        </span>
      </div>
      {open !== null && mayIssue ? (
        <OpenCode {...open} homeownerName={homeowner.name} unitLabel={unitLabel} />
      ) : (
        <p className="flex min-h-28 flex-1 items-center justify-center rounded-lg border border-dashed border-edge p-5 text-center text-sm text-balance text-muted">
          {explanation(code)}
        </p>
      )}
      {open !== null && open.mail !== null && open.mailAt !== null && (
        <p className="text-sm text-muted print:hidden">
          <Badge tone={CODE_MAILS[open.mail].tone}>{CODE_MAILS[open.mail].word}</Badge>{" "}
          {formatMoment(open.mailAt)}
        </p>
      )}
      {sessions[0] !== undefined && (
        <p className="text-sm text-muted print:hidden">
          Signed in on {formatNumberOf(sessions.length, "device")}, since {formatDay(sessions[0].createdAt)}.
        </p>
      )}
      {mayIssue && (
        <CodeForms
          homeownerId={homeowner.id}
          homeownerName={homeowner.name}
          hasOpenCode={open !== null}
          isOpen={wasOpened || sessions.length > 0}
          deviceCount={sessions.length}
          mail={
            open !== null && canSendMail()
              ? { codeId: open.id, claims: open.mailClaims, state: open.mail, email: homeowner.email }
              : null
          }
        />
      )}
    </div>
  );
}

/** How it stands with a homeowner's newest code. */
export function CodeBadge({ code }: { code: { state: keyof typeof CODE_STATES } | null }) {
  if (code === null) return <Badge>No code yet</Badge>;
  return <Badge tone={CODE_STATES[code.state].tone}>{CODE_STATES[code.state].word}</Badge>;
}

interface OpenCodeProps {
  code: string;
  expiresAt: Date;
  homeownerName: string;
  unitLabel: string;
  /** Of the picture, beside its own. */
  className?: string | undefined;
}

/** A code that is ready to scan: the picture, the code to type, and until when. */
export function OpenCode({ code, expiresAt, homeownerName, unitLabel, className }: OpenCodeProps) {
  const url = onboardingUrl(code);
  return (
    <div className="space-y-3">
      <QrCode
        text={url}
        label={`QR code that opens the home of ${homeownerName}, ${unitLabel}`}
        className={classNames("mx-auto w-full max-w-56 rounded-lg", className)}
      />
      <div className="space-y-1 text-center">
        <p className="font-mono text-sm font-semibold tracking-wide" data-code={code}>
          {formatOnboardingCode(code)}
        </p>
        <p className="text-xs text-muted">
          Or type it at <span className="break-all">{new URL(url).host}/sign-in</span>
        </p>
        <p className="text-xs text-muted">
          Good for one use, until <time dateTime={expiresAt.toISOString()}>{formatDay(expiresAt)}</time>
        </p>
      </div>
    </div>
  );
}

function explanation(code: OnboardingCardProps["code"]): string {
  switch (code?.state) {
    case undefined:
      return "No code was made for this homeowner so far.";
    case "open":
      return `A code is waiting to be scanned until ${formatDay(code.expiresAt)}. Colleagues with the role Editor can see it.`;
    case "used":
      return "The code was scanned, the home is open. A new code lets them in on another device.";
    case "expired":
      return `The code was not scanned before ${formatDay(code.expiresAt)}.`;
    case "revoked":
      return "The code was withdrawn.";
  }
}
