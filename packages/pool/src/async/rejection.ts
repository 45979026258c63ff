/**
 * What to resolve a promise with so that it is rejected, and the error's stack leads to whoever awaits it. `fail` is called a turn
 * later than it could be: V8 finds who waits by the promises that hang on the one whose handler runs, and by then that one does.
 *
 * @param fail takes the stack, and throws; or finds a result after all.
 */
export function tracedRejection<T>(
  PromiseClass: PromiseConstructor,
  error: unknown,
  fail: (error: Error) => T | Promise<T>,
): Promise<T> {
  return new PromiseClass<T>((_, reject) => reject(error)).then<T>().catch(fail);
}
