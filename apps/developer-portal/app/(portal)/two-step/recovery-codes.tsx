import { Card } from "@openhouse/web/ui/card";

/** The codes for the day when the phone is gone, shown once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <Card className="space-y-4">
      <h2 className="text-lg font-semibold tracking-tight">Keep these recovery codes</h2>
      <p className="text-sm text-muted">
        Each signs you in once without your phone. They are shown now and never again: print them, or put them
        into your password manager.
      </p>
      <ul
        aria-label="Recovery codes"
        className="grid gap-x-6 gap-y-1.5 font-mono text-sm font-semibold sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Card>
  );
}
