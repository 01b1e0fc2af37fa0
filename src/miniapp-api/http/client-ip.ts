import { BlockList, isIP } from 'node:net';

export type ClientIp = (peer: string | undefined, forwardedFor: string | undefined) => string;

/**
 * Finds the address of whoever is calling. `X-Forwarded-For` counts only as far as its right end was written by
 * trusted proxies: everything further left can be made up by the caller.
 * @param trusted addresses or CIDR ranges
 * @throws RangeError for an entry that is neither
 */
export function clientIpResolver(trusted: readonly string[]): ClientIp {
  const proxies = new BlockList();
  for (const entry of trusted) addTo(proxies, entry);
  const isTrusted = (address: string) => {
    const family = isIP(address);
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };

  return (peer, forwardedFor) => {
    let address = normalize(peer ?? '');
    const hops = (forwardedFor ?? '').split(',').map((hop) => normalize(hop.trim()));
    while (isTrusted(address)) {
      const hop = hops.pop();
      if (hop === undefined || isIP(hop) === 0) break;
      address = hop;
    }
    return address || 'unknown';
  };
}

/** Node reports IPv4 peers of a dual-stack socket as `::ffff:192.0.2.1`. */
export function normalize(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

export function isLoopback(address: string): boolean {
  const plain = normalize(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

function addTo(list: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/');
  const family = isIP(address);
  const bits = prefix === undefined ? undefined : Number(prefix);
  const isRange =
    bits === undefined || (Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128));
  if (family === 0 || !isRange)
    throw new RangeError(`TRUSTED_PROXIES: "${entry}" is no address or CIDR range`);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, type);
  else list.addSubnet(address, bits, type);
}
