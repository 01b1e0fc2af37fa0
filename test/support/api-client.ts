// One person at the API, signed in by launch data.
import type { MessageView, ThreadView } from '../../src/shared/contracts/threads.ts';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export class ApiClient {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, initData: string) {
    this.#url = url;
    this.#headers = { authorization: `tma ${initData}` };
  }

  async get<T>(path: string): Promise<T> {
    const answer = await this.call<T>('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async call<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...this.#headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  async threads(): Promise<ThreadView[]> {
    return (await this.get<{ results: ThreadView[] }>('/api/threads')).results;
  }

  /** Every message of every conversation: who, how it ended, what. */
  async said(): Promise<{ role: string; status: string; content: string }[]> {
    const pages = await Promise.all(
      (await this.threads()).map(({ id }) =>
        this.get<{ results: MessageView[] }>(`/api/threads/${id}/messages`),
      ),
    );
    return pages.flatMap(({ results }) =>
      results.map(({ role, status, content }) => ({ role, status, content })),
    );
  }
}
