import { useState } from 'react';
import type { Form, FormValues } from '../../../src/shared/contracts/forms.ts';
import type { UserTaskDetail } from '../../../src/shared/contracts/workflows.ts';
import { ApiError } from '../api/api-error.ts';
import { type Resource, useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { answerText } from '../forms/answer-text.ts';
import { inputFields } from '../forms/form-logic.ts';
import { FormView } from '../forms/form-view.tsx';
import { errorText } from '../i18n/error-text.ts';
import { Button } from '../ui/button.tsx';
import { MainAction } from '../ui/main-action.tsx';
import { Screen } from '../ui/screen.tsx';
import { Row, Section } from '../ui/section.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';

export function TaskScreen({ id }: { id: string }) {
  const { api, router } = useApp();
  const { t } = useTranslator();
  const { tasksRevision } = useChat();
  const task = useResource(`task:${id}`, (signal) => api.task(id, signal), tasksRevision);
  return (
    <Screen title={task.data?.process_name ?? t('tasks.title')} testId="screen-task">
      {task.data ? (
        <TaskView task={task.data} resource={task} />
      ) : task.error ? (
        task.error.status === 404 || task.error.status === 400 ? (
          <Placeholder
            emoji="🫥"
            title={t('task.missing.title')}
            text={t('task.missing.text')}
            testId="task-missing"
          >
            <Button onPress={() => router.replace({ screen: 'tasks', list: 'inbox' })}>
              {t('tasks.title')}
            </Button>
          </Placeholder>
        ) : (
          <Failed error={task.error} onRetry={task.reload} />
        )
      ) : (
        <Skeleton lines={4} />
      )}
    </Screen>
  );
}

function TaskView({ task, resource }: { task: UserTaskDetail; resource: Resource<UserTaskDetail> }) {
  const { api, telegram, toasts } = useApp();
  const translator = useTranslator();
  const { t } = translator;
  const [claiming, setClaiming] = useState(false);

  /** Somebody was quicker: says who, and shows the task as it is now. */
  const onConflict = async () => {
    telegram.haptic('error');
    const now = await api.task(task.id).catch(() => undefined);
    if (now) resource.replace(now);
    const name = now?.completed_by?.name ?? now?.assignee?.name;
    toasts.show(name ? t('task.conflict', { name }) : t('task.conflictUnknown'), 'error');
  };
  const claim = async () => {
    setClaiming(true);
    try {
      resource.replace(await api.claimTask(task.id));
      telegram.haptic('success');
      toasts.show(t('task.taken'), 'success');
    } catch (reason) {
      const error = ApiError.from(reason);
      if (error.status === 409) {
        telegram.haptic('error');
        toasts.show(error.message, 'error');
        resource.reload();
      } else toasts.show(errorText(translator, error), 'error');
    } finally {
      setClaiming(false);
    }
  };
  const complete = async (values: FormValues, action: string | undefined) => {
    try {
      resource.replace(await api.completeTask(task.id, values, action));
      telegram.haptic('success');
      toasts.show(t('task.saved'), 'success');
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await onConflict();
      else throw error;
    }
  };

  const isOpen = task.status === 'open';
  return (
    <>
      <div className="task-head">
        <h2 dir="auto" data-testid="task-name">
          {task.name}
        </h2>
        {task.description && <p dir="auto">{task.description}</p>}
      </div>
      {!isOpen && <Ending task={task} />}
      {isOpen && task.can_claim && (
        <>
          <p className="note">{t('task.takeFirst')}</p>
          {!task.can_complete && (
            <MainAction
              text={t('task.take')}
              loading={claiming}
              onPress={() => void claim()}
              testId="task-claim"
            />
          )}
        </>
      )}
      {isOpen && !task.can_claim && !task.can_complete && (
        <p className="note">
          {task.assignee ? t('tasks.of', { name: task.assignee.name }) : t('task.notYours')}
        </p>
      )}
      {isOpen && task.can_claim && task.can_complete && (
        <Button variant="secondary" wide loading={claiming} onPress={() => void claim()} testId="task-claim">
          {t('task.take')}
        </Button>
      )}
      {!isOpen && <Answers form={task.form} />}
      {isOpen && (task.form.fields.length > 0 || task.can_complete) && (
        <FormView
          key={`${task.id}:${task.can_complete}`}
          form={task.form}
          submitText={t('task.complete')}
          taskId={task.id}
          disabled={!task.can_complete}
          onSubmit={complete}
        />
      )}
      <Facts task={task} />
    </>
  );
}

function Ending({ task }: { task: UserTaskDetail }) {
  const { t, when } = useTranslator();
  const done = task.status === 'completed';
  const facts = [
    task.completed_by && t('tasks.doneBy', { name: task.completed_by.name }),
    task.completed_at && when(task.completed_at),
  ];
  return (
    <div className={done ? 'ending ending-good' : 'ending'} role="status" data-testid="task-ending">
      <strong>{task.outcome || t(done ? 'task.completed' : 'task.cancelled')}</strong>
      <span className="hint">{done ? facts.filter(Boolean).join(' · ') : t('task.cancelledText')}</span>
    </div>
  );
}

/** What was filled in, once nothing can be changed any more. */
function Answers({ form }: { form: Form }) {
  const translator = useTranslator();
  const rows = inputFields(form).flatMap((field) => {
    const text = answerText(field, translator);
    return text === '' ? [] : [{ name: field.name, label: field.label, text }];
  });
  if (rows.length === 0) return null;
  return (
    <Section title={translator.t('task.answers')}>
      {rows.map((row) => (
        <Row key={row.name} title={row.label} after={<span dir="auto">{row.text}</span>} />
      ))}
    </Section>
  );
}

function Facts({ task }: { task: UserTaskDetail }) {
  const { t, dateTime } = useTranslator();
  return (
    <Section title={t('task.details')}>
      <Row title={t('task.process')} after={task.process_name} />
      {task.group && <Row title={t('task.group')} after={task.group.title} />}
      {task.assignee && <Row title={t('task.assignee')} after={task.assignee.name} />}
      {task.started_by && <Row title={t('task.startedBy')} after={task.started_by.name} />}
      <Row title={t('task.created')} after={dateTime(task.created_at)} />
      {task.due_at && <Row title={t('task.due')} after={dateTime(task.due_at)} />}
    </Section>
  );
}
