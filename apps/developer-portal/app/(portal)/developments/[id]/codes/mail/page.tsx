import { type CodeRecipient, listCodeRecipients, type MailStanding } from "@openhouse/db/queries/code-mails";
import { formatMoment, formatNumberOf } from "@openhouse/web/format";
import { CODE_VALID_FOR_MS } from "@openhouse/web/homeowner-access";
import { readListQuery, type SearchParams } from "@openhouse/web/list-query";
import { codeMail } from "@openhouse/web/mail/code-text";
import { canSendMail } from "@openhouse/web/mail/send-mail";
import { guardPage, notThere } from "@openhouse/web/page";
import { requireRoleWith } from "@openhouse/web/require-role";
import { Badge } from "@openhouse/web/ui/badge";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { EmptyState } from "@openhouse/web/ui/empty-state";
import { PageHeader } from "@openhouse/web/ui/page-header";
import { PagesNav } from "@openhouse/web/ui/pages-nav";
import { Section } from "@openhouse/web/ui/section";
import type { Metadata } from "next";
import Link from "next/link";
import { onboardingUrl } from "../../../../../../lib/tenant-portal.ts";
import { MAIL_STANDINGS } from "../../../../../../lib/words.ts";
import NotFound from "../../../../not-found.tsx";
import { developmentHref, homeownerHref, mailCodesHref } from "../../hrefs.ts";
import { loadDevelopment } from "../../load-development.ts";
import { SendForm } from "./send-form.tsx";

const PAGE_SIZE = 50;
/** As long as a code, and none. */
const HIDDEN_CODE = "X".repeat(20);

interface MailCodesProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<SearchParams>;
}

export const metadata: Metadata = { title: "E-mail the codes" };

/** The button that sends a development's codes by e-mail, what its homeowners are written, who of them gets it, and who does not and why. */
export default guardPage(
  "/developments/[id]/codes/mail",
  async function MailCodes({ params, searchParams }: MailCodesProps) {
    const [{ id }, query] = await Promise.all([params, searchParams]);
    const { page } = readListQuery(query, ["standing"]);
    const [[, development], [{ tenantName }, people]] = await Promise.all([
      loadDevelopment(id),
      requireRoleWith(["developer"], (db) => [listCodeRecipients(db, id)]),
    ]);
    if (development === null) return notThere(NotFound);
    const of = (standing: MailStanding) => people.filter((each) => each.standing === standing);
    const ready = of("ready");
    const failed = of("failed");
    const homes = new Set(ready.map(({ unitId }) => unitId)).size;
    const shown = people.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return (
      <div className="space-y-10">
        <PageHeader
          title="E-mail the codes"
          description={`${formatNumberOf(ready.length, "homeowner")} of ${formatNumberOf(homes, "home")} would get a mail.${withoutAddress(of("no_address").length)}`}
          back={{ href: developmentHref(id), label: development.name }}
        />
        {development.archivedAt !== null ? (
          <EmptyState title="This development is archived">
            Nobody of it is sent a code. Bring it back first: Edit, on its page.
          </EmptyState>
        ) : canSendMail() ? (
          <div className="max-w-xl space-y-6">
            <SendForm developmentId={id} count={ready.length} />
            <SendForm developmentId={id} count={failed.length} before={lastOf(failed)} />
          </div>
        ) : (
          <EmptyState title="This portal sends no mail">
            Whoever runs it can set a mail server: SMTP_URL and MAIL_FROM. Until then, print the codes.
          </EmptyState>
        )}
        <Section title="What they read" description="With a code of their own, which works once.">
          <Letter {...exampleOf(people, development.name, tenantName)} />
        </Section>
        <Section
          title="Who gets one"
          description="Nobody who has moved in, has their mail already, or whose code was withdrawn. Who has no code, or one that is over, is made a new one."
        >
          {shown.length === 0 ? (
            <EmptyState title={people.length === 0 ? "Nobody lives here yet" : "There is no such page"}>
              Homeowners are added on the page of their unit, or with a list.
            </EmptyState>
          ) : (
            <DataTable
              caption="Homeowners, and whether they get a mail"
              columns={columnsOf(id)}
              rows={shown}
              rowKey={({ homeownerId }) => homeownerId}
            />
          )}
          <PagesNav
            page={page}
            pages={Math.ceil(people.length / PAGE_SIZE)}
            href={(each) => mailCodesHref(id, each)}
          />
        </Section>
      </div>
    );
  },
);

const withoutAddress = (count: number): string =>
  count === 0
    ? ""
    : ` ${formatNumberOf(count, "homeowner")} cannot be sent one: there is no usable address on file.`;

const lastOf = (people: readonly CodeRecipient[]): number =>
  Math.max(0, ...people.map(({ mailAt }) => mailAt?.getTime() ?? 0));

const columnsOf = (developmentId: string): [Column<CodeRecipient>, ...Column<CodeRecipient>[]] => [
  {
    header: "Homeowner",
    cell: ({ homeownerId, homeownerName, unitLabel }) => (
      <>
        <Link
          href={homeownerHref(developmentId, homeownerId)}
          prefetch={false}
          className="font-semibold text-accent hover:underline"
        >
          {homeownerName}
        </Link>
        <span className="block text-xs font-normal text-muted">{unitLabel}</span>
      </>
    ),
  },
  { header: "E-mail", cell: ({ email }) => <span className="break-all">{email || "None"}</span> },
  {
    header: "Mail",
    cell: ({ standing, mailAt }) => (
      <>
        <Badge tone={MAIL_STANDINGS[standing].tone}>{MAIL_STANDINGS[standing].word}</Badge>
        {mailAt !== null && (
          <time dateTime={mailAt.toISOString()} className="block text-xs whitespace-nowrap text-muted">
            {formatMoment(mailAt)}
          </time>
        )}
      </>
    ),
  },
];

function exampleOf(people: readonly CodeRecipient[], developmentName: string, tenantName: string) {
  const example = people.find(({ standing }) => standing === "ready") ?? people[0];
  return codeMail({
    email: "",
    homeownerName: example?.homeownerName ?? "…",
    unitLabel: example?.unitLabel ?? "…",
    developmentName,
    tenantName,
    code: HIDDEN_CODE,
    link: onboardingUrl(HIDDEN_CODE),
    expiresAt: new Date(Date.now() + CODE_VALID_FOR_MS),
  });
}

function Letter({ subject, text }: { subject: string; text: string }) {
  return (
    <div className="max-w-xl rounded-xl border border-line bg-surface p-5 shadow-card">
      <p className="border-b border-line pb-3 font-semibold">{subject}</p>
      <p className="pt-3 text-sm break-words whitespace-pre-wrap">{text.trim()}</p>
    </div>
  );
}
