import type { UserTaskView } from '../../../src/shared/contracts/workflows.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';
import { Row } from '../ui/section.tsx';
import { isAhead, isPast } from './due.ts';

export function TaskRow({ task }: { task: UserTaskView }) {
  const { router } = useApp();
  const { t, when } = useTranslator();
  const isOpen = task.status === 'open';
  const overdue = isOpen && isPast(task.due_at);
  const facts = isOpen
    ? [
        isAhead(task.follow_up_at) ? t('tasks.followUp', { when: when(task.follow_up_at) }) : undefined,
        task.group?.title,
        task.assignee && !task.can_complete ? t('tasks.of', { name: task.assignee.name }) : undefined,
      ]
    : [
        task.completed_by && t('tasks.doneBy', { name: task.completed_by.name }),
        task.completed_at && when(task.completed_at),
        task.outcome,
      ];
  return (
    <Row
      before={
        <span className={isOpen ? 'task-mark' : 'task-mark task-mark-done'} aria-hidden="true">
          {task.status === 'completed' ? (
            <Icon name="check" size={16} />
          ) : task.status === 'cancelled' ? (
            <Icon name="close" size={16} />
          ) : null}
        </span>
      }
      title={<span dir="auto">{task.name}</span>}
      subtitle={
        <>
          <span dir="auto">{task.process_name}</span>
          <span className="row-facts">
            {isOpen && task.due_at && (
              <span className={overdue ? 'bad' : ''}>
                {t(overdue ? 'tasks.overdue' : 'tasks.due', { when: when(task.due_at) })}
              </span>
            )}
            {facts.filter(Boolean).map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </span>
        </>
      }
      chevron
      onPress={() => router.go({ screen: 'task', id: task.id })}
      testId="task-row"
    />
  );
}
