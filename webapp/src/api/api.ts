// The gateway's REST calls that the app makes. Bodies are typed by the shared contracts; the server validates.
import type { Page } from '../../../src/shared/contracts/common.ts';
import type { Form, FormValues } from '../../../src/shared/contracts/forms.ts';
import type {
  CatalogAnswer,
  Category,
  KnowledgeBaseDetail,
  SearchAnswer,
} from '../../../src/shared/contracts/knowledge.ts';
import type { PersonSettings, Profile, SettingsPatch } from '../../../src/shared/contracts/profile.ts';
import type { MessageView, ThreadView } from '../../../src/shared/contracts/threads.ts';
import type {
  ProcessInstanceView,
  TaskList,
  TaskPage,
  UserTaskDetail,
  WorkflowDefinitionView,
} from '../../../src/shared/contracts/workflows.ts';
import { ApiError } from './api-error.ts';
import type { Call, Http } from './http.ts';

export interface AppConfig {
  bot_username: string | null;
  mini_app_name: string | null;
  version: string;
}

interface UploadedFile {
  file_id: string;
  file_name: string;
  file_size: number;
  mime_type: string;
}

export type CatalogSort = 'relevance' | 'newest' | 'searches';

interface TokenHolder {
  token(): Promise<string>;
  refuse(token: string): Promise<void>;
}

export type Api = ReturnType<typeof createApi>;

export function createApi(http: Http, session: TokenHolder) {
  async function call<T>(path: string, options: Call = {}): Promise<T> {
    const token = await session.token();
    try {
      return (await http(path, { ...options, token })) as T;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      await session.refuse(token);
      return (await http(path, { ...options, token: await session.token() })) as T;
    }
  }
  const at = (...segments: string[]) => `/api/${segments.map(encodeURIComponent).join('/')}`;

  return {
    config: (signal?: AbortSignal) => http('/api/app-config', { signal }) as Promise<AppConfig>,

    catalog: (
      query: {
        search?: string | undefined;
        category?: Category | undefined;
        visibility?: 'public' | 'private' | undefined;
        featured?: boolean | undefined;
        sort?: CatalogSort | undefined;
        limit: number;
        offset: number;
      },
      signal?: AbortSignal,
    ) => call<CatalogAnswer>('/api/catalog', { query, signal }),
    knowledgeBase: (id: string, signal?: AbortSignal) => call<KnowledgeBaseDetail>(at('kb', id), { signal }),
    searchIn: (id: string, query: string, signal?: AbortSignal) =>
      call<SearchAnswer>(at('kb', id, 'search'), { query: { query, max_results: 20 }, signal }),
    search: (query: string, signal?: AbortSignal) =>
      call<SearchAnswer>('/api/search', {
        method: 'POST',
        body: { query, kb_ids: [], max_results: 20, search_method: 'text' },
        signal,
      }),

    tasks: (filter: TaskList, offset: number, signal?: AbortSignal) =>
      call<TaskPage>('/api/tasks', { query: { filter, limit: 50, offset }, signal }),
    task: (id: string, signal?: AbortSignal) => call<UserTaskDetail>(at('tasks', id), { signal }),
    claimTask: (id: string) => call<UserTaskDetail>(at('tasks', id, 'claim'), { method: 'POST', body: {} }),
    completeTask: (id: string, values: FormValues, action: string | undefined) =>
      call<UserTaskDetail>(at('tasks', id, 'complete'), {
        method: 'POST',
        body: { values, ...(action === undefined ? {} : { action }) },
      }),

    workflows: async (signal?: AbortSignal) =>
      listOf(await call<Listed<WorkflowDefinitionView>>('/api/workflows', { signal })),
    startForm: (key: string, signal?: AbortSignal) => call<Form>(at('workflows', key, 'form'), { signal }),
    /** The same `attempt` twice starts one, also when the first answer was lost. */
    startWorkflow: (key: string, values: FormValues, groupId: string | undefined, attempt: string) =>
      call<ProcessInstanceView>(at('workflows', key, 'start'), {
        method: 'POST',
        body: { values, ...(groupId === undefined ? {} : { group_id: groupId }) },
        idempotencyKey: attempt,
      }),
    processes: async (signal?: AbortSignal) =>
      listOf(await call<Listed<ProcessInstanceView>>('/api/processes', { signal })),
    cancelProcess: (id: string) =>
      call<ProcessInstanceView>(at('processes', id, 'cancel'), { method: 'POST', body: {} }),

    profile: (signal?: AbortSignal) => call<Profile>('/api/profile', { signal }),
    updateSettings: (patch: SettingsPatch) =>
      call<PersonSettings>('/api/profile/settings', { method: 'PATCH', body: patch }),

    threads: (offset: number, signal?: AbortSignal) =>
      call<Page<ThreadView>>('/api/threads', { query: { limit: 50, offset }, signal }),
    thread: (id: string, signal?: AbortSignal) => call<ThreadView>(at('threads', id), { signal }),
    renameThread: (id: string, title: string) =>
      call<ThreadView>(at('threads', id), { method: 'PATCH', body: { title } }),
    removeThread: (id: string) => call<undefined>(at('threads', id), { method: 'DELETE' }),
    messages: (id: string, offset: number, limit: number, signal?: AbortSignal) =>
      call<Page<MessageView>>(at('threads', id, 'messages'), { query: { limit, offset }, signal }),

    uploadFile: (file: File, taskId: string | undefined, variable: string) => {
      const form = new FormData();
      form.set('context', 'task');
      if (taskId !== undefined) form.set('task_id', taskId);
      form.set('variable_name', variable);
      form.set('file', file);
      return call<UploadedFile>('/api/files/upload', { method: 'POST', body: form, timeoutMs: 120_000 });
    },
  };
}

/** Short lists come whole: as an array, or in the page shape of the long ones. */
type Listed<T> = T[] | { results: T[] };

function listOf<T>(answer: Listed<T>): T[] {
  return Array.isArray(answer) ? answer : answer.results;
}
