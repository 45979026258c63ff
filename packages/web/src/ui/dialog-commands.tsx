/**
 * Attributes of a button that opens a dialog, for `{...opens(id)}`: the browser does it, also before the page's scripts run. Where it
 * is too old for that, `onClick` does it; both together are the same as one.
 */
export function opens(dialogId: string) {
  return { command: "show-modal", commandfor: dialogId };
}

/** Attributes of a button that closes a dialog; otherwise as `opens`. */
export function closes(dialogId: string) {
  return { command: "close", commandfor: dialogId };
}
