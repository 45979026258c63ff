import { useEffect, useRef } from "react";

/**
 * Leads the keyboard to the first field that is not accepted, each time `state` changes to one with a fault; a screen reader then
 * reads that field with what is wrong. Put the returned ref on the form.
 */
export function useFocusOnFault(state: unknown) {
  const form = useRef<HTMLFormElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state decides when, not what
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [state]);
  return form;
}
