import { bodyParser } from '@koa/bodyparser';
import { AppError } from '#shared/errors.ts';
import type { ApiContext } from './context.ts';
import { HttpFailure } from './errors.ts';

/** Bytes of the largest body that is read, after decompression. */
export const maxBodyBytes = 1024 * 1024;

const parse = bodyParser({ enableTypes: ['json'], jsonLimit: maxBodyBytes });

/**
 * The JSON body; undefined when there is none. Reading stops at `maxBodyBytes`, and the connection is closed then, so
 * that the rest is never taken in.
 * @throws HttpFailure 413, AppError VALIDATION_ERROR or UNSUPPORTED_MEDIA_TYPE
 */
export async function readJsonBody(ctx: ApiContext): Promise<unknown> {
  if (!hasBody(ctx)) return undefined;
  if (!ctx.is('json')) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send JSON with Content-Type: application/json.');
  }
  try {
    await parse(ctx as Parameters<typeof parse>[0], async () => undefined);
  } catch (error) {
    throw bodyFailure(error);
  }
  return ctx.request.body;
}

function hasBody(ctx: ApiContext): boolean {
  return ctx.get('transfer-encoding') !== '' || Number(ctx.get('content-length') || 0) > 0;
}

function bodyFailure(error: unknown): unknown {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) {
    const tooLarge = new AppError('PAYLOAD_TOO_LARGE', 'This is larger than 1 MiB.', {
      details: { limit_bytes: maxBodyBytes },
    });
    return new HttpFailure(413, tooLarge, { Connection: 'close' });
  }
  if (status === 415) {
    return new AppError('UNSUPPORTED_MEDIA_TYPE', 'This encoding of a body is not understood.');
  }
  if (status === 400) return AppError.validation([{ path: '', message: 'expected valid JSON' }]);
  // zlib's errors have no status: a body that says gzip and is not.
  const isInflation = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  return isInflation ? AppError.validation([{ path: '', message: 'expected a readable body' }]) : error;
}
