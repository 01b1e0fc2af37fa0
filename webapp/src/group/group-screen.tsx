import type { TaskList } from '../../../src/shared/contracts/workflows.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { TaskRow } from '../tasks/task-row.tsx';
import { Screen } from '../ui/screen.tsx';
import { Row, Section } from '../ui/section.tsx';
import { Failed, Skeleton } from '../ui/state.tsx';

const openLists: readonly TaskList[] = ['inbox', 'next', 'waiting', 'scheduled'];

/** Where a link from a group leads: what is open there for this person, and what can be started there. */
export function GroupScreen({ id }: { id: string }) {
  const { api, router } = useApp();
  const { t } = useTranslator();
  const { tasksRevision } = useChat();
  const tasks = useResource(
    `group-tasks:${id}`,
    async (signal) => {
      const pages = await Promise.all(openLists.map((list) => api.tasks(list, 0, signal)));
      const ofGroup = pages.flatMap((page) => page.results).filter((task) => task.group?.id === id);
      return [...new Map(ofGroup.map((task) => [task.id, task])).values()];
    },
    tasksRevision,
  );
  return (
    <Screen title={tasks.data?.[0]?.group?.title ?? t('group.title')} testId="screen-group">
      <Section>
        <Row
          title={t('group.start')}
          chevron
          onPress={() => router.go({ screen: 'workflows', groupId: id })}
          testId="group-start"
        />
      </Section>
      {!tasks.data && tasks.loading && <Skeleton lines={3} />}
      {tasks.error && !tasks.data && <Failed error={tasks.error} onRetry={tasks.reload} />}
      {tasks.data && (
        <Section title={t('group.tasks')}>
          {tasks.data.length === 0 && <Row title={<span className="hint">{t('group.noTasks')}</span>} />}
          {tasks.data.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </Section>
      )}
    </Screen>
  );
}
