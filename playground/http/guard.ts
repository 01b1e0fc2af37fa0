// Only pages and programs of this machine are served. A foreign site whose name resolves to 127.0.0.1
// (DNS rebinding) shows itself by its Host, one that posts here by its Origin.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../checks/loopback.ts';
import { respondJson } from './respond.ts';

export function isLocalRequest(req: IncomingMessage): boolean {
  const host = URL.parse(`http://${req.headers.host ?? ''}`)?.hostname;
  if (!host || !isLoopback(host)) return false;
  const { origin } = req.headers;
  if (origin === undefined) return req.headers['sec-fetch-site'] !== 'cross-site';
  const from = URL.parse(origin)?.hostname;
  return from !== undefined && from !== null && isLoopback(from);
}

export function refuseForeign(res: ServerResponse): void {
  respondJson(res, 403, { ok: false, error_code: 403, description: 'Forbidden: loopback only' });
}
