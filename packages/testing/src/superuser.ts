import pg from "pg";

/** Lends one connection to `work`, and closes it whatever `work` does. */
export async function asSuperuser<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: "openhouse-embedded" });
  // A connection that dies rejects the statement under way; without a listener it would end the process as well.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
