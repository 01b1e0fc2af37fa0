const schemes = new Set(['http:', 'https:', 'tg:']);

/** The address when it may become a link; undefined for other schemes and for what is no absolute address. */
export function linkable(address: string): string | undefined {
  if (address.length > 2048 || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // `tg://user?id=` would mention a person, and the others make emoji and dates of it.
  if (url.protocol === 'tg:' && /^(user|emoji|time)$/.test(url.host || url.pathname.replaceAll('/', '')))
    return undefined;
  if (!schemes.has(url.protocol) || (url.protocol !== 'tg:' && url.hostname === '')) return undefined;
  return url.href;
}
