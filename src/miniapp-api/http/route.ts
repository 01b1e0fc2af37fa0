// Routes are data: the router, the limits, the permissions and the OpenAPI document are all read from them.
import type { z } from 'zod';
import type { Permission } from '#shared/contracts/auth.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { ApiContext } from './context.ts';
import type { LimitName } from './limits.ts';
import { parseInput } from './parse.ts';

/** `public`: no credentials are read. `internal`: other services of ours and this machine. */
export type Access = Permission | 'public' | 'internal';

/** An answer that is no JSON: the handler writes it to `ctx` itself. */
export interface RawAnswer {
  contentType: string;
  description: string;
}

type Fields = z.ZodObject | undefined;
type Value<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface RouteSpec<P extends Fields, Q extends Fields, B extends z.ZodType | undefined, A> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With parameters in braces: `/api/kb/{id}`. */
  path: `/${string}`;
  tag: string;
  summary: string;
  permission: Access;
  limit: LimitName | 'none';
  params?: P;
  query?: Q;
  /** A request without a body counts as `{}`. */
  body?: B;
  answer: A;
  /** @default 200 */
  status?: number;
  handler: (request: {
    params: Value<P>;
    query: Value<Q>;
    body: Value<B>;
    caller: Caller;
    ctx: ApiContext;
  }) => Promise<A extends z.ZodType ? z.input<A> : void>;
}

export interface Received {
  params: unknown;
  query: unknown;
  body: unknown;
  caller: Caller;
  ctx: ApiContext;
}

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly permission: Access;
  readonly limit: LimitName | 'none';
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType | RawAnswer;
  readonly status: number;
  /** Validates what was received, then handles it. */
  run(received: Received): Promise<unknown>;
}

export function defineRoute<
  A extends z.ZodType | RawAnswer,
  P extends Fields = undefined,
  Q extends Fields = undefined,
  B extends z.ZodType | undefined = undefined,
>(spec: RouteSpec<P, Q, B, A>): Route {
  const { handler, params, query, body, status = 200, ...rest } = spec;
  return {
    ...rest,
    params,
    query,
    body,
    status,
    run: async (received) =>
      handler({
        params: valueOf(params, received.params),
        query: valueOf(query, received.query),
        body: valueOf(body, received.body ?? {}),
        caller: received.caller,
        ctx: received.ctx,
      }),
  };
}

export function isRaw(answer: z.ZodType | RawAnswer): answer is RawAnswer {
  return 'contentType' in answer;
}

function valueOf<T extends z.ZodType | undefined>(schema: T | undefined, value: unknown): Value<T> {
  // The conditional type is not narrowed by the test of its parameter.
  return (schema === undefined ? undefined : parseInput(schema, value)) as Value<T>;
}
