// Reads a request body of any kind that the Bot API takes: JSON, form-urlencoded, multipart.
import type { IncomingMessage } from 'node:http';
import { BotApiError, badRequest } from '../checks/errors.ts';
import { isObject, type Json, Params, type UploadedFile } from '../checks/params.ts';

const MAX_BODY = 52 * 1024 * 1024;

export async function readBytes(req: IncomingMessage, limit = MAX_BODY): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req) {
    const bytes = part as Buffer;
    size += bytes.length;
    if (size > limit) throw new BotApiError(413, 'Request Entity Too Large');
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Parameters of the query and of the body together; the body wins. */
export async function readParams(req: IncomingMessage, query: URLSearchParams): Promise<Params> {
  const values: Json = Object.fromEntries(query);
  const files = new Map<string, UploadedFile>();
  const type = req.headers['content-type'] ?? '';
  const bytes = await readBytes(req);
  if (bytes.length === 0) return new Params(values);
  if (type.startsWith('application/json')) return new Params({ ...values, ...parseJson(bytes) });
  if (!/^(?:multipart\/form-data|application\/x-www-form-urlencoded)/u.test(type)) return new Params(values);
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest("can't parse the form");
  }
  for (const [name, value] of form) {
    if (typeof value === 'string') values[name] = value;
    else {
      const content = new Uint8Array(await value.arrayBuffer());
      files.set(name, { name: value.name, type: value.type, bytes: content });
    }
  }
  return new Params(values, files);
}

function parseJson(bytes: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw badRequest("can't parse JSON object");
  }
  if (!isObject(value)) throw badRequest("can't parse JSON object");
  return value;
}
