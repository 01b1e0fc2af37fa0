// Buttons carry at most 64 bytes (Bot API: callback_data), so a run's UUID goes into them as 22 characters.

export function handleOf(runId: string): string {
  return Buffer.from(runId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Undefined when nobody of us made this handle. */
export function runIdOf(handle: string): string | undefined {
  if (!/^[\w-]{22}$/.test(handle)) return undefined;
  const hex = Buffer.from(handle, 'base64url').toString('hex');
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
}
