/** A random id. `crypto.randomUUID` exists only on https and localhost; this works wherever the page opens. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
