// Which web pages may use a browser's cookies and sockets here.
import type { IncomingHttpHeaders } from 'node:http';

export interface Origins {
  /** Whether a page of this origin may call. `host` is the request's Host header. */
  allows(origin: string, host: string | undefined): boolean;
  /** Whether a request that changes something was made by a page of ours, so that its cookies may count. */
  isOwnPage(headers: IncomingHttpHeaders): boolean;
  /** Other origins that may read answers (CORS). */
  readonly others: readonly string[];
}

export function createOrigins(publicUrl: string, allowed: readonly string[]): Origins {
  const others = allowed.flatMap((entry) => originOf(entry) ?? []);
  const own = originOf(publicUrl);
  const allows = (origin: string, host: string | undefined): boolean => {
    const parsed = originOf(origin);
    if (parsed === undefined) return false;
    return parsed === own || others.includes(parsed) || (host !== undefined && new URL(parsed).host === host);
  };
  return {
    others,
    allows,
    isOwnPage: (headers) => {
      if (headers.origin !== undefined) return allows(headers.origin, headers.host);
      // Browsers set this one themselves; a page cannot forge it.
      return headers['sec-fetch-site'] === 'same-origin';
    },
  };
}

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === 'null' ? undefined : origin;
}
