/** `selected`: the browser does not let scripts copy, and the text waits, selected, for the reader to do it. */
export type CopyOutcome = "copied" | "selected";

/** Copies what an element shows, as text. Where the clipboard may not be written to, by a selection, as a reader would. */
export async function copyText(element: HTMLElement): Promise<CopyOutcome> {
  try {
    // Absent, too, on a page that is not served over https.
    await navigator.clipboard.writeText(element.innerText);
    return "copied";
  } catch {
    return copySelected(element);
  }
}

function copySelected(element: HTMLElement): CopyOutcome {
  const selection = window.getSelection();
  selection?.selectAllChildren(element);
  if (!document.execCommand("copy")) return "selected";
  selection?.removeAllRanges();
  return "copied";
}
