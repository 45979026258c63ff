export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startPortal } = await import("@openhouse/web/instrumentation");
    await startPortal("developer");
  }
}
