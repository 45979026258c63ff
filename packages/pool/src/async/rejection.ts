/**
 * What to resolve a promise with so that it is rejected, and the error's stack leads to whoever awaits it, where the socket's would
 * lead nowhere. The stack is taken a turn later than it could be: V8 finds who waits by the promises that hang on the one whose
 * handler runs, and by then that one does.
 *
 * @param fail throws, or finds a result after all.
 */
export function tracedRejection<T>(
  PromiseClass: PromiseConstructor,
  error: unknown,
  fail: (error: Error) => T | Promise<T> = rethrow,
): Promise<T> {
  return new PromiseClass<T>((_, reject) => reject(error)).then<T>().catch((error: Error) => {
    Error.captureStackTrace(error);
    return fail(error);
  });
}

function rethrow(error: Error): never {
  throw error;
}
