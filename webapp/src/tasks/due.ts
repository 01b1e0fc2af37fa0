/** False for "never". */
export function isPast(iso: string | null, now = Date.now()): boolean {
  return iso !== null && Date.parse(iso) < now;
}

export function isAhead(iso: string | null, now = Date.now()): iso is string {
  return iso !== null && Date.parse(iso) > now;
}
