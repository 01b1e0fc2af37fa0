import { z } from 'zod';
import { errorCodes } from '../errors.ts';
import { languages } from '../language.ts';

export const language = z.enum(languages);
export const id = z.uuid();
export const timestamp = z.iso.datetime();

export const errorBody = z
  .object({
    error: z.enum(errorCodes),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    timestamp,
    request_id: z.string(),
  })
  .meta({ id: 'Error' });

/** `limit` and `offset` of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  offset: z.coerce.number().int().min(0).default(0),
});

export function page<T extends z.ZodType>(item: T) {
  return z.object({ total: z.int(), limit: z.int(), offset: z.int(), results: z.array(item) });
}

export interface Page<T> {
  total: number;
  limit: number;
  offset: number;
  results: T[];
}

export type ErrorBody = z.infer<typeof errorBody>;
export type PageQuery = z.infer<typeof pageQuery>;
