import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { timestamp } from '#shared/contracts/common.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { isLoopback } from '../http/client-ip.ts';
import type { ApiContext } from '../http/context.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { version } from '../http/version.ts';

export type DependencyState = 'healthy' | 'unhealthy' | 'disabled';

/** What the service stands on. Requests cannot be served without a `vital` one. */
export interface Dependency {
  name: string;
  vital: boolean;
  check: () => Promise<DependencyState>;
}

const states = z.enum(['healthy', 'unhealthy', 'disabled']);
const health = z
  .object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    version: z.string(),
    timestamp,
    dependencies: z.record(z.string(), states),
  })
  .meta({ id: 'Health' });
type Health = z.infer<typeof health>;

const common = { method: 'get', tag: 'service', permission: 'public', limit: 'none' } as const;
const checkMs = 2_500;
/** Answers are reused for this long, so that asking often costs nothing. */
const keepMs = 1_000;

export function healthRoutes(
  dependencies: readonly Dependency[],
  { metrics, isDraining }: { metrics: Metrics; isDraining: () => boolean },
): Route[] {
  let latest: { at: number; answer: Promise<Health> } | undefined;
  const current = () => {
    if (!latest || Date.now() - latest.at > keepMs) {
      latest = { at: Date.now(), answer: checkAll(dependencies) };
    }
    return latest.answer;
  };

  return [
    defineRoute({
      ...common,
      path: '/health',
      summary: 'State of the service and of what it depends on',
      answer: health,
      handler: current,
    }),
    defineRoute({
      ...common,
      path: '/health/live',
      summary: 'The process runs',
      answer: z.object({ status: z.literal('healthy') }),
      handler: async () => ({ status: 'healthy' as const }),
    }),
    defineRoute({
      ...common,
      path: '/health/ready',
      summary: 'Requests can be served; 503 when not, also while shutting down',
      answer: { contentType: 'application/json', description: 'As /health' },
      handler: async ({ ctx }) => {
        const answer = await current();
        ctx.status = answer.status === 'unhealthy' || isDraining() ? 503 : 200;
        ctx.body = answer;
      },
    }),
    defineRoute({
      ...common,
      permission: 'internal',
      path: '/metrics',
      summary: 'Figures in Prometheus text format, for this machine or with the internal key',
      answer: { contentType: 'text/plain', description: 'Prometheus text format' },
      handler: async ({ ctx }) => {
        ctx.status = 200;
        ctx.set('Content-Type', metrics.registry.contentType);
        ctx.body = await metrics.registry.metrics();
      },
    }),
  ];
}

/** With the internal key, or from this machine directly: a proxy on this machine speaks for others. */
export function internalAccess(internalKey: string | undefined): (ctx: ApiContext) => boolean {
  return (ctx) => {
    const [, token] = /^bearer +(.+)$/i.exec(ctx.get('authorization')) ?? [];
    if (token !== undefined) return internalKey !== undefined && isSame(token, internalKey);
    const isForwarded = ctx.get('x-forwarded-for') !== '' || ctx.get('forwarded') !== '';
    return !isForwarded && isLoopback(ctx.req.socket.remoteAddress ?? '');
  };
}

async function checkAll(dependencies: readonly Dependency[]): Promise<Health> {
  const found = await Promise.all(
    dependencies.map(async (dependency) => ({ ...dependency, state: await checkOne(dependency) })),
  );
  const failing = found.filter((each) => each.state === 'unhealthy');
  return {
    status: failing.some((each) => each.vital) ? 'unhealthy' : failing.length > 0 ? 'degraded' : 'healthy',
    version,
    timestamp: new Date().toISOString(),
    dependencies: Object.fromEntries(found.map((each) => [each.name, each.state])),
  };
}

async function checkOne(dependency: Dependency): Promise<DependencyState> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<DependencyState>((resolve) => {
    timer = setTimeout(() => resolve('unhealthy'), checkMs);
  });
  try {
    return await Promise.race([dependency.check(), timeout]);
  } catch {
    return 'unhealthy';
  } finally {
    clearTimeout(timer);
  }
}

/** Compares hashes: equal length whatever comes in, so that time tells nothing. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
