"use client";

import { Alert } from "@openhouse/web/ui/alert";
import { ButtonLink } from "@openhouse/web/ui/button";
import { SubmitButton } from "@openhouse/web/ui/submit-button";
import Link from "next/link";
import { useActionState } from "react";
import { dismissNewDevices } from "./actions.ts";

interface NewDeviceNoticeProps {
  /** Such as "Chrome on Android, 21 Nov 2026, 14:05 UTC", the newest first. */
  devices: readonly { sessionId: string; text: string }[];
  /** Such as "and 4 more"; null where there are no others. */
  more: string | null;
}

/** Tells a homeowner where else their home was opened, until they say that they know. */
export function NewDeviceNotice({ devices, more }: NewDeviceNoticeProps) {
  const [failure, action] = useActionState(dismissNewDevices, null);
  return (
    <Alert tone="caution">
      <div className="space-y-3">
        <p className="font-semibold">
          {devices.length === 1
            ? "Your home was opened on another device"
            : "Your home was opened on other devices"}
        </p>
        <ul className="space-y-0.5 font-normal">
          {devices.map(({ sessionId, text }) => (
            <li key={sessionId}>{text}</li>
          ))}
          {more !== null && (
            <li>
              <Link href="/devices" className="underline underline-offset-2">
                {more}
              </Link>
            </li>
          )}
        </ul>
        <p className="font-normal">
          If that was not you or somebody of your home, sign it out and tell your developer: whoever is in
          reads your conversations.
        </p>
        {failure !== null && <p className="text-critical">{failure.error}</p>}
        <form action={action} className="flex flex-wrap gap-3">
          <input type="hidden" name="newest" value={devices[0]?.sessionId} />
          <ButtonLink href="/devices">See your devices</ButtonLink>
          <SubmitButton look="secondary" pendingLabel="One moment…">
            I know about it
          </SubmitButton>
        </form>
      </div>
    </Alert>
  );
}
