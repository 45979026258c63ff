import { INSPECT } from "../errors/inspect-symbol.ts";

type Inspect = (value: unknown) => string;

/**
 * Has `console.log` and `util.inspect` show what `text` gives, and nothing of the object itself. As a property, not as a method
 * of the class: a method that is named by a symbol keeps bundlers from leaving out a class that nobody uses.
 */
export function inspectAs(object: object, text: (inspect: Inspect) => string): void {
  Object.defineProperty(object, INSPECT, {
    value: (_depth: number, _options: unknown, inspect: Inspect) => text(inspect),
  });
}
