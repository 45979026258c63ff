import { randomUUID } from "node:crypto";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
import {
  type LocalExecutor,
  type LocalExecutorStats,
  startLocalExecutor,
} from "@openhouse/tooling/jobs-executor/local-executor";
import { type Check, complaintsOf } from "@openhouse/tooling/measure/verdict";
import type { SeededTenant } from "./seeded-tenant.ts";

/** How many times faster than the clock jobs sleep: a conversation counts as idle after five seconds, not ten minutes. */
const HURRY = 120;
const UPLOAD_EVERY_MS = 2_000;
const INDEXED_WITHIN_MS = 60_000;

/**
 * The executor of background jobs beside a portal under load: it asks the portal what there is as often as it is told to, and
 * runs jobs on it. Documents are uploaded all the time, which it indexes, and conversations that go quiet get their titles.
 */
export class JobsRunner {
  /** Where it expects the portal. */
  readonly port: number;
  readonly executor: LocalExecutor;
  readonly #pollEveryMs: number;
  readonly #uploaded: string[] = [];
  #tenant: SeededTenant | undefined;
  #timer: NodeJS.Timeout | undefined;
  #uploading: Promise<void> = Promise.resolve();
  #beganAtMs = 0;
  #seconds = 0;
  #titled = 0;
  #uploadsFailed = 0;
  #notIndexed: number | null = null;
  #before: LocalExecutorStats | undefined;
  #after: LocalExecutorStats | undefined;

  private constructor(port: number, executor: LocalExecutor, pollEveryMs: number) {
    this.port = port;
    this.executor = executor;
    this.#pollEveryMs = pollEveryMs;
  }

  static async start(pollEveryMs: number): Promise<JobsRunner> {
    const port = await findFreePort();
    const serveUrl = `http://127.0.0.1:${port}/api/inngest`;
    const executor = await startLocalExecutor({ serveUrl, pollEveryMs, hurry: HURRY });
    return new JobsRunner(port, executor, pollEveryMs);
  }

  begin(tenant: SeededTenant): void {
    this.#tenant = tenant;
    this.#before = this.executor.getStats();
    this.#beganAtMs = performance.now();
    this.#timer = setInterval(() => {
      this.#uploading = this.#uploading.then(() => this.#upload(tenant));
    }, UPLOAD_EVERY_MS);
  }

  /** Ends when what was uploaded can be found, or should have been by now. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#uploading;
    this.#seconds = (performance.now() - this.#beganAtMs) / 1_000;
    const tenant = this.#tenant;
    if (tenant === undefined) return;
    const areIndexed = async () => {
      this.#notIndexed = await tenant.countNotIndexed(this.#uploaded);
      return this.#notIndexed === 0;
    };
    const limits = { timeoutMs: INDEXED_WITHIN_MS, intervalMs: 250, what: "documents to be indexed" };
    await waitFor(areIndexed, limits).catch(() => {});
    this.#titled = await tenant.countTitled();
    this.#after = this.executor.getStats();
  }

  /** What became of the jobs. */
  text(): string {
    const { polls, pollsFailed, completed, failed } = this.#stats();
    return (
      `jobs: the portal was polled ${polls} times (every ${this.#pollEveryMs} ms), ${pollsFailed} in vain; ` +
      `${completed} jobs were completed, ${failed} failed; ${this.#uploaded.length} documents were uploaded, ` +
      `${this.#notIndexed ?? 0} of them are not indexed; ${this.#titled} conversations have a title of the job's`
    );
  }

  /** @returns what is wrong with it. */
  judge(): string[] {
    const { polls, pollsFailed, completed, failed, eventsRefused } = this.#stats();
    const expected = (this.#seconds * 1_000) / this.#pollEveryMs;
    const checks: Check[] = [
      [this.#notIndexed === 0, `${this.#notIndexed} uploaded documents are not indexed`],
      [this.#uploadsFailed === 0, `${this.#uploadsFailed} documents could not be uploaded`],
      [pollsFailed === 0, `${pollsFailed} polls of the job executor failed`],
      [polls >= 0.5 * expected, `the executor polled ${polls} times, of ${Math.round(expected)}`],
      [failed === 0, `${failed} jobs failed`],
      [completed > 0, "no job was run"],
      [eventsRefused === 0, `${eventsRefused} events were refused`],
    ];
    return complaintsOf(checks);
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    return this.executor.stop();
  }

  /** Of the time between `begin` and `end`: while the portal starts and stops it is polled in vain. */
  #stats(): LocalExecutorStats {
    const after = this.#after ?? this.executor.getStats();
    const { polls = 0, pollsFailed = 0 } = this.#before ?? {};
    return { ...after, polls: after.polls - polls, pollsFailed: after.pollsFailed - pollsFailed };
  }

  /** As the developer portal does: the document is stored, then the executor is told. */
  async #upload(tenant: SeededTenant): Promise<void> {
    try {
      const documentId = await tenant.addDocument(`Notice ${randomUUID().slice(0, 8)}`);
      this.#uploaded.push(documentId);
      const key = this.executor.environment.INNGEST_EVENT_KEY;
      const event = { name: "document/uploaded", data: { tenantId: tenant.tenantId, documentId } };
      await fetch(`${this.executor.url}/e/${key}`, { method: "POST", body: JSON.stringify(event) });
    } catch {
      this.#uploadsFailed++;
    }
  }
}
