import type { Instrumentation } from "next";

/** Runs once, when the server starts. Written as a condition, not as an early return, so that no edge bundle is made of it. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startPortal } = await import("@openhouse/web/instrumentation");
    const { jobFaults } = await import("@openhouse/jobs/settings");
    const { mailFaults } = await import("@openhouse/web/mail/settings");
    const { tellMailRoute } = await import("@openhouse/web/mail/send-mail");
    const { tenantPortalFaults } = await import("./lib/tenant-portal.ts");
    await startPortal("developer", [...tenantPortalFaults(), ...jobFaults(), ...mailFaults()]);
    tellMailRoute();
  }
}

/** What Next could not answer, told with its place. */
export const onRequestError: Instrumentation.onRequestError = async (error, _request, context) => {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { reportRequestError } = await import("@openhouse/web/instrumentation");
    reportRequestError(error, context);
  }
};
