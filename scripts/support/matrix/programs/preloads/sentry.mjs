import * as Sentry from "@sentry/node";

/** What would have been sent. */
export const transactions = [];
Sentry.init({
  dsn: "https://public@sentry.invalid/1",
  tracesSampleRate: 1,
  traceLifecycle: "static", // a transaction is told whole
  beforeSendTransaction(event) {
    transactions.push(event);
    return null;
  },
});
