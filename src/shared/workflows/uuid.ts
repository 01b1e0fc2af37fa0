/** Ids come from links and buttons, too; PostgreSQL answers one that is no UUID with an error. */
export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
