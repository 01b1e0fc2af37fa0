import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What an operator watches. Label values come from small fixed sets, never from people's input. */
export interface Metrics {
  registry: Registry;
  httpRequests: Histogram<'method' | 'route' | 'status'>;
  sockets: Gauge<'surface'>;
  runs: Counter<'agent' | 'status'>;
  runsActive: Gauge;
  firstToken: Histogram<'agent'>;
  updates: Counter<'outcome'>;
  updatesWaiting: Gauge;
  telegramCalls: Counter<'method' | 'outcome'>;
  telegramWait: Histogram<'lane'>;
}

/** A registry of its own: two services in one process, as in tests, do not share figures. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    httpRequests: new Histogram({
      name: 'concierge_http_request_seconds',
      help: 'Time from request to the end of the answer, in seconds',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    sockets: new Gauge({
      name: 'concierge_sockets_open',
      help: 'Open WebSockets',
      labelNames: ['surface'],
      registers,
    }),
    runs: new Counter({
      name: 'concierge_runs_total',
      help: 'Answers that ended, by agent and how',
      labelNames: ['agent', 'status'],
      registers,
    }),
    runsActive: new Gauge({ name: 'concierge_runs_active', help: 'Answers being made now', registers }),
    firstToken: new Histogram({
      name: 'concierge_first_token_seconds',
      help: 'Time from question to the first word of the answer, in seconds',
      labelNames: ['agent'],
      registers,
    }),
    updates: new Counter({
      name: 'concierge_telegram_updates_total',
      help: 'Telegram updates by outcome: handled, retried, parked, duplicate',
      labelNames: ['outcome'],
      registers,
    }),
    updatesWaiting: new Gauge({
      name: 'concierge_telegram_updates_waiting',
      help: 'Accepted updates that are not handled yet',
      registers,
    }),
    telegramCalls: new Counter({
      name: 'concierge_telegram_calls_total',
      help: 'Bot API calls by method and outcome: ok, refused, limited, lost, dropped',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    telegramWait: new Histogram({
      name: 'concierge_telegram_wait_seconds',
      help: 'Time that a call waited for its turn, by lane, in seconds',
      labelNames: ['lane'],
      registers,
    }),
  };
}
