import type { Statement } from "./steps.ts";

export const SQL: Record<Statement, string> = {
  select: "select 1",
  fail: "select 1/0",
  sleep: "select pg_sleep(0.03)",
  begin: "begin",
  mark: "set model.mark to 'left behind'",
};
export const READ_MARK = "select current_setting('model.mark', true) as mark";
/** Of one pool, by its name. */
export const BACKENDS = "select pid from pg_stat_activity where application_name = $1 order by pid";
