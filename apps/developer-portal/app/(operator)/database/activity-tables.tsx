import type { BlockedPair, KnownActivity, ServerSession } from "@openhouse/db/figures";
import { Card } from "@openhouse/web/ui/card";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { Section } from "@openhouse/web/ui/section";
import type { ReactNode } from "react";
import { timeOf } from "./chart.tsx";
import { durationText } from "./process-details.tsx";

const PAIRS: readonly [Column<BlockedPair>, ...Column<BlockedPair>[]] = [
  { header: "Waits", cell: ({ blocked }) => <Who session={blocked} /> },
  { header: "For", align: "end", cell: ({ waitsMs }) => ageText(waitsMs) },
  { header: "Lock of", cell: ({ lock }) => LOCKS[lock] ?? lock },
  { header: "In the way", cell: ({ blocker }) => <Who session={blocker} /> },
  { header: "Its state", cell: ({ blocker }) => blocker.state ?? "hidden" },
  { header: "Its transaction", align: "end", cell: ({ blocker }) => ageText(blocker.transactionMs) },
];

const TRANSACTIONS: readonly [Column<ServerSession>, ...Column<ServerSession>[]] = [
  { header: "Session", cell: (session) => <Who session={session} /> },
  { header: "State", cell: ({ state }) => state ?? "hidden" },
  { header: "Since", align: "end", cell: ({ transactionMs }) => ageText(transactionMs) },
];

/** What Postgres calls locks that are no table's. */
const LOCKS: Readonly<Record<string, string>> = {
  transactionid: "a row",
  virtualxid: "a transaction",
  advisory: "an advisory lock",
};

/** Who waits for whom in the database, and transactions that last. */
export function ActivityTables({ activity }: { activity: KnownActivity | null }) {
  if (activity === null) {
    return (
      <Section title="Locks">
        <Empty>The database was not asked yet.</Empty>
      </Section>
    );
  }
  const { atMs, isStale, pairs, pairsCount, transactions, transactionsCount } = activity;
  const when = isStale
    ? `As it was at ${timeOf(atMs)}: the database could not be asked since.`
    : `At ${timeOf(atMs)}.`;
  return (
    <>
      <Section title="Locks" description={`Who waits for a lock, and who is in the way. ${when}`}>
        {pairs.length === 0 ? (
          <Empty>{isStale ? "Nobody waited for a lock." : "Nobody waits for a lock."}</Empty>
        ) : (
          <DataTable
            caption="Sessions that wait for a lock, and those in the way"
            columns={PAIRS}
            rows={pairs}
            rowKey={({ blocked, blocker }) => `${blocked.pid} ${blocker.pid}`}
          />
        )}
        <More count={pairsCount - pairs.length} />
      </Section>
      <Section title="Long transactions" description={`Of more than a second, the oldest first. ${when}`}>
        {transactions.length === 0 ? (
          <Empty>None{isStale && " then"}.</Empty>
        ) : (
          <DataTable
            caption="Transactions that last"
            columns={TRANSACTIONS}
            rows={transactions}
            rowKey={({ pid }) => String(pid)}
          />
        )}
        <More count={transactionsCount - transactions.length} />
        <Hidden activity={activity} />
      </Section>
    </>
  );
}

/** What our role may not see, and who could. */
function Hidden({ activity: { hiddenCount, ourRole } }: { activity: KnownActivity }) {
  if (hiddenCount === 0) return null;
  return (
    <p className="text-sm text-muted">
      {hiddenCount === 1 ? "One session" : `${hiddenCount} sessions`} of other roles{" "}
      {hiddenCount === 1 ? "is" : "are"} hidden from <code>{ourRole}</code>: state and transactions are shown
      to members of <code>pg_monitor</code>.
    </p>
  );
}

/** Of ours the route or the portal, and where that runs. */
function Who({ session: { pid, applicationName, role } }: { session: ServerSession }) {
  if (pid === 0) return "a prepared transaction";
  const [, process, route] = /^openhouse\/(\S+)(?: (.+))?$/.exec(applicationName) ?? [];
  const name = route ?? process ?? (applicationName || "no name");
  return (
    <>
      <span className="block wrap-anywhere">{name}</span>
      <span className="block text-xs font-normal wrap-anywhere text-muted">
        {[route !== undefined && process, role, `pid ${pid}`].filter(Boolean).join(", ")}
      </span>
    </>
  );
}

function More({ count }: { count: number }) {
  return count > 0 && <p className="text-sm text-muted">And {count} more.</p>;
}

function Empty({ children }: { children: ReactNode }) {
  return (
    <Card>
      <p className="text-sm text-muted">{children}</p>
    </Card>
  );
}

function ageText(ms: number | null): string {
  return ms === null ? "hidden" : durationText(ms);
}
