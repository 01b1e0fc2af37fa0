import type { ParameterizedContext } from 'koa';

/** What the outer middleware has found out about a request. */
export interface ApiState {
  requestId: string;
  /** The caller's address, behind trusted proxies the one that they report. */
  clientIp: string;
  /** Pattern of the matched route, for the metrics. */
  route?: string;
}

export type ApiContext = ParameterizedContext<ApiState>;
