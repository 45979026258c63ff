"use client";

import { useActionState } from "react";
import { Alert } from "./alert.tsx";
import { Badge } from "./badge.tsx";
import { SubmitButton } from "./submit-button.tsx";

/** One place where somebody is signed in, its times in words. */
export interface DeviceRow {
  sessionId: string;
  name: string;
  since: string;
  lastSeen: string;
  isThis: boolean;
}

/** What ending sessions came to. */
export type DevicesState = { ok: true; done: string } | { ok: false; error: string };

interface DeviceListProps {
  devices: readonly DeviceRow[];
  /** Ends the session named by `session`, or all others without one. */
  end: (previous: DevicesState | null, form: FormData) => Promise<DevicesState>;
}

/** Where somebody is signed in, each with what ends it, and all but this one at once. */
export function DeviceList({ devices, end }: DeviceListProps) {
  const [state, action] = useActionState(end, null);
  const others = devices.filter(({ isThis }) => !isThis).length;
  return (
    <div className="space-y-4">
      {state !== null && (
        <Alert tone={state.ok ? "good" : "critical"}>{state.ok ? state.done : state.error}</Alert>
      )}
      <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card">
        {devices.map((device) => (
          <li
            key={device.sessionId}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-5 py-4"
          >
            <div className="min-w-0 space-y-0.5">
              <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold">
                {device.name}
                {device.isThis && <Badge tone="accent">This device</Badge>}
              </p>
              <p className="text-sm text-muted">Signed in {device.since}</p>
              {!device.isThis && <p className="text-sm text-muted">Last used {device.lastSeen}</p>}
            </div>
            {!device.isThis && (
              <form action={action}>
                <input type="hidden" name="session" value={device.sessionId} />
                <SubmitButton
                  look="secondary"
                  pendingLabel="Signing out…"
                  aria-label={`Sign out ${device.name}, signed in ${device.since}`}
                >
                  Sign out
                </SubmitButton>
              </form>
            )}
          </li>
        ))}
      </ul>
      {others === 0 ? (
        <p className="text-sm text-muted">You are signed in nowhere else.</p>
      ) : (
        <form action={action}>
          <SubmitButton look="secondary" pendingLabel="Signing out…">
            {others === 1 ? "Sign out the other device" : `Sign out all ${others} other devices`}
          </SubmitButton>
        </form>
      )}
    </div>
  );
}
