"use client";

import { Button } from "@openhouse/web/ui/button";

/** Prints the page; its print styles leave only the codes. */
export function PrintButton() {
  return (
    <Button look="secondary" onClick={() => window.print()}>
      Print the codes
    </Button>
  );
}
