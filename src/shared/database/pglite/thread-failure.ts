/** An error on its way from a thread: what `postMessage` keeps of it, with the code of the file system. */
export interface ThreadFailure {
  status: 'dead';
  reason: string;
  code: string | undefined;
}

export function describeFailure(error: unknown): ThreadFailure {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { status: 'dead', reason, code };
}

export function failureError(failure: ThreadFailure): Error {
  const error = new Error(failure.reason);
  return failure.code === undefined ? error : Object.assign(error, { code: failure.code });
}
