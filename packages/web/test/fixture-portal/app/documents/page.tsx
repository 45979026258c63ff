import { withClient } from "@openhouse/db/client";
import { guardMetadata, guardPage } from "@openhouse/web/page";

interface Props {
  searchParams: Promise<Record<string, string | undefined>>;
}

async function load(statement: string): Promise<string> {
  const { rows } = await withClient((client) => client.query<{ answer: string }>(statement));
  return String(rows[0]?.answer);
}

export const generateMetadata = guardMetadata(
  async () => ({ title: await load("select 'loaded title' as answer") }),
  { title: "plain title" },
);

export default guardPage("/documents", async ({ searchParams }: Props) => {
  const { broken } = await searchParams;
  const answer = await load(broken ? "select nothing from nowhere" : "select 'loaded' as answer");
  return <p>documents {answer}</p>;
});
