import type { ServerFrame, TaskFrame } from '#shared/contracts/gateway-frames.ts';
import type { TaskPage, UserTaskDetail, UserTaskView } from '#shared/contracts/workflows.ts';
import type { Language } from '#shared/language.ts';
import { texts } from '../gateway/texts.ts';

export function taskListFrame(page: TaskPage, source: string, language: Language): ServerFrame {
  const { total, limit, offset } = page;
  const text = texts[language];
  return {
    type: 'taskList',
    timestamp: new Date().toISOString(),
    source,
    tasks: page.results.map((task) => ({
      id: task.id,
      name: task.name,
      status: task.status,
      createdAt: task.created_at,
      dueAt: task.due_at,
      metadata: {
        processInstanceId: task.process_id,
        description: task.description,
        assignee: task.assignee?.name ?? null,
      },
    })),
    pagination: { total, limit, offset },
    metadata: { taskCount: total },
    ...(total === 0 ? { emptyState: { title: text.noTasks, message: text.noTasksText } } : {}),
  };
}

export function taskFrame(task: UserTaskView): TaskFrame {
  return {
    id: task.id,
    name: task.name,
    description: task.description,
    process_id: task.process_id,
    process_name: task.process_name,
    created: task.created_at,
    due: task.due_at,
    assignee: task.assignee?.name ?? null,
  };
}

export function formRequestFrame(task: UserTaskDetail): ServerFrame {
  return {
    type: 'formRequest',
    form_id: task.id,
    title: task.form.title,
    description: task.form.description,
    process_info: { process_id: task.process_id, process_name: task.process_name },
    fields: task.form.fields,
  };
}
