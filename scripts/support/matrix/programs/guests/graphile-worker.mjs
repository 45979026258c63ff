import { Logger, makeWorkerUtils, runOnce } from "graphile-worker";

const logger = new Logger(() => () => {});

export async function work({ pool, step }) {
  const ran = [];
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await step("migrate, add", async () => {
    await utils.migrate();
    await utils.addJob("greet", { name: "ada" });
    await utils.addJob("fail", {}, { maxAttempts: 1 });
  });
  await step("run", async () => {
    const taskList = {
      greet: async ({ name }, { withPgClient }) => {
        const { rows } = await withPgClient((client) => client.query("select $1::text as name", [name]));
        ran.push(rows[0].name);
      },
      fail: async () => {
        throw new Error("on purpose");
      },
    };
    await runOnce({ pgPool: pool, taskList, logger, noHandleSignals: true });
    const { rows } = await pool.query(
      "select task_identifier, attempts, last_error from graphile_worker.jobs",
    );
    return [ran, rows.map(({ task_identifier, attempts }) => [task_identifier, attempts])];
  });
  await step("release", () => utils.release());
}
