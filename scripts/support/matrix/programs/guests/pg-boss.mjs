import { PgBoss } from "pg-boss";

export async function work({ pool, step }) {
  const db = { executeSql: (text, values) => pool.query(text, values) };
  const boss = new PgBoss({ db, supervise: false, schedule: false });
  boss.on("error", () => {});
  await step("start", async () => {
    await boss.start();
    await boss.createQueue("mail");
  });
  await step("send, fetch, complete", async () => {
    await boss.send("mail", { to: "ada" });
    await boss.send("mail", { to: "bob" });
    const jobs = await boss.fetch("mail", { batchSize: 2 });
    await boss.complete(
      "mail",
      jobs.map(({ id }) => id),
    );
    return [jobs.map(({ data }) => data.to).sort(), await boss.fetch("mail")];
  });
  await step("work", async () => {
    const done = new Promise((resolve) =>
      boss.work("mail", { pollingIntervalSeconds: 0.5 }, ([job]) => resolve(job.data)),
    );
    await boss.send("mail", { to: "cleo" });
    return done;
  });
  await step("stop", () => boss.stop({ graceful: true, timeout: 5_000 }));
}
