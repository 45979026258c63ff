import type { Instrumentation } from "next";

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startPortal } = await import("@openhouse/web/instrumentation");
    await startPortal("developer");
  }
}

/** What Next could not answer, told with its place. */
export const onRequestError: Instrumentation.onRequestError = async (error, _request, context) => {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { reportRequestError } = await import("@openhouse/web/instrumentation");
    reportRequestError(error, context);
  }
};
