// The Bot API side: token, method, faults, limits, the call itself, the envelope, the outbox.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BotApiError, methodNotFound, migrated, notFound, unauthorized } from '../checks/errors.ts';
import type { Json, Params } from '../checks/params.ts';
import { type Fault, type Faults, refusalOf } from '../faults.ts';
import type { Limits } from '../limits.ts';
import type { Call } from '../methods/call.ts';
import { findMethod, type KnownMethod } from '../methods/registry.ts';
import type { Outbox } from '../outbox.ts';
import { migrateGroup } from '../world/groups.ts';
import type { ChatRecord } from '../world/state.ts';
import { readParams } from './body.ts';
import { respondJson } from './respond.ts';

interface BotApiParts extends Omit<Call, 'params' | 'gone'> {
  token: string;
  faults: Faults;
  limits: Limits;
  outbox: Outbox;
}

/** Thrown to break the connection instead of answering. */
class BrokenConnection extends Error {}

export async function handleBotApi(
  parts: BotApiParts,
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
): Promise<void> {
  const path = /^\/bot([^/]+)\/([^/]+)\/?$/u.exec(url.pathname);
  try {
    const [, token = '', name = ''] = path ?? [];
    if (!/^\d+(?::|%3A)/iu.test(token)) throw notFound();
    if (!sameToken(decodeURIComponent(token), parts.token)) throw unauthorized();
    const method = findMethod(name);
    if (!method) throw methodNotFound();
    const params = await readParams(req, url.searchParams);
    const result = await callMethod(parts, method, params, goneSignal(res));
    respondJson(res, 200, { ok: true, result });
  } catch (error) {
    if (error instanceof BrokenConnection) {
      req.socket.destroy();
      return;
    }
    const refusal = error instanceof BotApiError ? error : new BotApiError(500, 'Internal Server Error');
    if (refusal !== error) console.error('The playground failed in a Bot API call:', error);
    respondJson(res, refusal.code, {
      ok: false,
      error_code: refusal.code,
      description: refusal.message,
      ...(refusal.parameters ? { parameters: refusal.parameters } : {}),
    });
  }
}

async function callMethod(
  parts: BotApiParts,
  method: KnownMethod,
  params: Params,
  gone: AbortSignal,
): Promise<unknown> {
  const { faults, limits, outbox, world } = parts;
  const silent = method.name === 'getUpdates';
  const record = knownChat(parts, params);
  const entry = { method: method.name, payload: payloadOf(params), at: Date.now() };
  try {
    const fault = faults.take(method.name, record?.id);
    if (fault) strike(parts, fault, record);
    if (method.counts && record) limits.take(method.counts, record.id, record.kind === 'group');
    const result = await method.run({ ...parts, params, gone });
    const answerLost = fault?.kind === 'lost_answer';
    // A copy: the outbox tells what was true then.
    if (!silent)
      outbox.accept({ ...entry, result: structuredClone(result), ...(answerLost ? { answerLost } : {}) });
    if (answerLost) throw new BrokenConnection();
    return result;
  } catch (error) {
    if (error instanceof BotApiError && !silent) {
      outbox.refuse({ ...entry, code: error.code, description: error.message });
    }
    throw error;
  } finally {
    if (!silent) world.changes.tell({ type: 'call' });
  }
}

function strike({ world }: BotApiParts, fault: Fault, record: ChatRecord | undefined): void {
  const refusal = refusalOf(fault);
  if (refusal) throw refusal;
  if (fault.kind === 'disconnect') throw new BrokenConnection();
  if (fault.kind === 'migrate' && record?.kind === 'group') throw migrated(migrateGroup(world, record));
}

function knownChat({ world }: BotApiParts, params: Params): ChatRecord | undefined {
  const reference = params.values['chat_id'];
  if (typeof reference !== 'string' && typeof reference !== 'number') return undefined;
  try {
    return world.requireChat(String(reference));
  } catch {
    return undefined;
  }
}

function payloadOf(params: Params): Json {
  const files = [...params.files].map(([name, file]) => [
    name,
    { file_name: file.name, mime_type: file.type, file_size: file.bytes.length },
  ]);
  return structuredClone({ ...params.values, ...Object.fromEntries(files) });
}

export function sameToken(given: string, right: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}

function goneSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}
