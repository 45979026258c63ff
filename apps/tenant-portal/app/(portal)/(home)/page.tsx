import { forTenant } from "@openhouse/db/client";
import { listDocumentsOfHome } from "@openhouse/db/queries/documents";
import { findHome, type Home } from "@openhouse/db/queries/homeowners";
import { listNewDevices, type NewDevice } from "@openhouse/db/queries/sessions";
import { deviceName } from "@openhouse/web/device";
import { Flight } from "@openhouse/web/flight";
import { formatDay, formatMoment } from "@openhouse/web/format";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Alert } from "@openhouse/web/ui/alert";
import { Card } from "@openhouse/web/ui/card";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import { searchDocuments } from "../../../lib/chat/search-documents.ts";
import { CONTACT_QUERY } from "../../../lib/chat/urgent.ts";
import { type Contact, readContact } from "../../../lib/home/contact.ts";
import { MOST_NAMED, moreDevices } from "../../../lib/home/more-devices.ts";
import { noteVisit } from "../../../lib/home/note-visit.ts";
import NotFound from "../not-found.tsx";
import { AskBox } from "./ask-box.tsx";
import { ContactCard } from "./contact-card.tsx";
import { DocumentList } from "./document-list.tsx";
import { NewDeviceNotice } from "./new-device-notice.tsx";

export const metadata: Metadata = { title: "Your home" };

export default guardPage("/", async function HomePage() {
  const [{ tenantId, homeowner }, home, documents, newDevices] = await requireRoleWith(
    ["homeowner"],
    (db, { subjectId: homeownerId, sessionId }) => [
      findHome(db, homeownerId),
      listDocumentsOfHome(db, homeownerId),
      listNewDevices(db, { homeownerId, sessionId }),
    ],
  );
  if (home === null) return notThere(NotFound);
  const { unit, development } = home;
  const [contact, since] = await Promise.all([
    findContact(tenantId, development.id),
    noteVisit(homeowner.id),
  ]);
  const newIds = new Set(documents.filter(({ createdAt }) => createdAt > since).map(({ id }) => id));
  return (
    <div className="space-y-10">
      <PageHeader
        title={`Welcome home, ${homeowner.name}`}
        description={`${unit.label}, ${development.name}`}
      />
      <AskBox />
      {newIds.size > 0 && (
        <Alert tone="good">
          Since your last visit {newIds.size === 1 ? "a document has" : `${newIds.size} documents have`} been
          added.{" "}
          <a href="#documents" className="underline underline-offset-2">
            See what is new
          </a>
        </Alert>
      )}
      {newDevices.length > 0 && (
        <NewDeviceNotice
          devices={newDevices.slice(0, MOST_NAMED).map(describeDevice)}
          more={moreDevices(newDevices.length)}
        />
      )}
      <div className="grid items-start gap-10 lg:grid-cols-[22rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        {contact !== null && (
          <Section title="Who to call">
            <ContactCard {...contact} />
          </Section>
        )}
        <div id="documents" className="scroll-mt-6 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <Section title="Documents" description={`About ${development.name} and the homes in it.`}>
            {documents.length === 0 ? (
              <EmptyState title="No documents yet">
                Manuals and guarantees appear here as soon as your developer has uploaded them.
              </EmptyState>
            ) : (
              <DocumentList documents={documents} newIds={newIds} />
            )}
          </Section>
        </div>
        <Section title="Your home">
          <HomeCard {...home} />
        </Section>
      </div>
    </div>
  );
});

/** Whom to call, of the passage that the assistant quotes in an emergency. */
async function findContact(tenantId: string, developmentId: string): Promise<Contact | null> {
  const found = await searchDocuments(new Flight(forTenant(tenantId)), {
    developmentId,
    query: CONTACT_QUERY,
  });
  return readContact(found.passages);
}

function describeDevice({ sessionId, createdAt, isActive, ...device }: NewDevice) {
  const text = `${deviceName(device)}, ${formatMoment(createdAt)}${isActive ? "" : ", signed out since"}`;
  return { sessionId, text };
}

function HomeCard({ unit, development }: Home) {
  const facts = [
    ["Home", unit.label],
    ["Development", development.name],
    ["Address", development.address],
    ["Kind", unit.kind],
    ["Bedrooms", String(unit.bedrooms)],
    ["Floor area", `${unit.floorAreaM2.toFixed(1)} m²`],
    ["Handover", unit.handoverOn === null ? "Not set yet" : formatDay(unit.handoverOn)],
  ] as const;
  return (
    <Card>
      <dl className="divide-y divide-line text-sm">
        {facts.map(([term, value]) => (
          <div key={term} className="flex justify-between gap-6 py-2.5 first:pt-0 last:pb-0">
            <dt className="shrink-0 text-muted">{term}</dt>
            <dd className="text-right font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
