import { withClient } from "@openhouse/db/client";
import { connection } from "next/server";
import { Suspense } from "react";

/** Fails where no wrapper of ours sees it, after the status has left. */
async function Below() {
  await withClient((client) => client.query("select $1::int", ["hunter2"]));
  return <p>never</p>;
}

export default async function Unguarded() {
  await connection();
  return (
    <Suspense fallback={<p>loading</p>}>
      <Below />
    </Suspense>
  );
}
