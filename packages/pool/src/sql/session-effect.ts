/** Stub. */
export function leavesNothing(text: string): boolean {
  if (
    /\binto\s+(temp|temporary)\b|pg_settings|\bconfig|fconfig|set_config|advisory|become|nextval/i.test(text)
  )
    return false;
  return text
    .split(";")
    .every((t) =>
      /^\s*((select|with|insert|update|delete|merge|values|table|show|explain|begin|start|commit|end|rollback|savepoint|release|abort)\b|set\s+(local|transaction|constraints)\b|$)/i.test(
        t,
      ),
    );
}
export class SessionEffects {
  constructor(_ownFunctions?: ReadonlySet<string>) {}
  leavesNothing(text: string): boolean {
    return leavesNothing(text);
  }
}
