import { useState } from 'react';
import type { TaskList } from '../../../src/shared/contracts/workflows.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Segments } from '../ui/choice.tsx';
import { Screen } from '../ui/screen.tsx';
import { Section } from '../ui/section.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';
import { TaskRow } from './task-row.tsx';

const lists: readonly TaskList[] = ['inbox', 'next', 'waiting', 'scheduled', 'done'];
const emojis: Record<TaskList, string> = { inbox: '📥', next: '🌤️', waiting: '🕰️', scheduled: '🗓️', done: '🌱' };

export function TasksScreen({ list }: { list: TaskList }) {
  const { api, router, cache } = useApp();
  const { t } = useTranslator();
  const { tasksRevision } = useChat();
  const [pages, setPages] = useState({ list, count: 1 });
  const count = pages.list === list ? pages.count : 1;
  const tasks = useResource(
    `tasks:${list}:${count}`,
    async (signal) => {
      const all = await Promise.all(
        Array.from({ length: count }, (_, page) => api.tasks(list, page * 50, signal)),
      );
      const results = new Map(all.flatMap((page) => page.results).map((task) => [task.id, task]));
      const answer = { total: all[0]?.total ?? 0, counts: all[0]?.counts, results: [...results.values()] };
      cache.set('tasks:counts', answer.counts);
      return answer;
    },
    tasksRevision,
  );
  const counts = tasks.data?.counts ?? (cache.get('tasks:counts') as Record<TaskList, number> | undefined);
  return (
    <Screen
      title={t('tasks.title')}
      testId="screen-tasks"
      actions={
        <IconButton
          icon="plus"
          label={t('tasks.start')}
          onPress={() => router.go({ screen: 'workflows' })}
          testId="start-workflow"
        />
      }
      toolbar={
        <Segments
          label={t('tasks.lists')}
          value={list}
          onChange={(value) => router.replace({ screen: 'tasks', list: value })}
          options={lists.map((value) => ({
            value,
            label: t(`tasks.${value}`),
            count: value === 'done' ? undefined : counts?.[value],
          }))}
          testId="tasks"
        />
      }
    >
      {!tasks.data && tasks.loading && <Skeleton lines={5} />}
      {tasks.error && !tasks.data && <Failed error={tasks.error} onRetry={tasks.reload} />}
      {tasks.data?.results.length === 0 && (
        <Placeholder
          emoji={emojis[list]}
          title={t(`tasks.empty.${list}`)}
          text={t('tasks.empty.text')}
          testId="tasks-empty"
        >
          <Button variant="secondary" icon="play" onPress={() => router.go({ screen: 'workflows' })}>
            {t('tasks.start')}
          </Button>
        </Placeholder>
      )}
      {tasks.data && tasks.data.results.length > 0 && (
        <Section testId="task-list">
          {tasks.data.results.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </Section>
      )}
      {tasks.data && tasks.data.results.length < tasks.data.total && (
        <Button
          variant="plain"
          wide
          loading={tasks.loading}
          onPress={() => setPages({ list, count: count + 1 })}
        >
          {t('common.more')}
        </Button>
      )}
    </Screen>
  );
}
