import { useState } from 'react';
import type { FormValues } from '../../../src/shared/contracts/forms.ts';
import type { ProcessInstanceView } from '../../../src/shared/contracts/workflows.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { FormView } from '../forms/form-view.tsx';
import { newId } from '../new-id.ts';
import { Button } from '../ui/button.tsx';
import { Screen } from '../ui/screen.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';

export function StartScreen({ workflowKey, groupId }: { workflowKey: string; groupId: string | undefined }) {
  const { api, router, telegram } = useApp();
  const { t, language } = useTranslator();
  const [attempt] = useState(newId);
  const [started, setStarted] = useState<ProcessInstanceView>();
  const form = useResource(`start-form:${workflowKey}:${language}`, (signal) =>
    api.startForm(workflowKey, signal),
  );
  const start = async (values: FormValues) => {
    const process = await api.startWorkflow(workflowKey, values, groupId, attempt);
    telegram.haptic('success');
    setStarted(process);
  };
  return (
    <Screen title={form.data?.title ?? t('workflows.title')} testId="screen-start">
      {started ? (
        <Placeholder
          emoji="🚀"
          title={t('workflows.started', { name: started.name })}
          text={
            started.waiting_for.length > 0
              ? t('process.waiting', { what: started.waiting_for.join(', ') })
              : t('workflows.startedText')
          }
          testId="workflow-started"
        >
          <Button onPress={() => router.replace({ screen: 'tasks', list: 'inbox' })} testId="to-tasks">
            {t('workflows.toTasks')}
          </Button>
        </Placeholder>
      ) : form.data ? (
        <>
          {form.data.description && (
            <p className="lead" dir="auto">
              {form.data.description}
            </p>
          )}
          <FormView form={form.data} submitText={t('workflows.start')} onSubmit={start} />
        </>
      ) : form.error ? (
        form.error.status === 404 ? (
          <Placeholder emoji="🫥" title={t('workflows.missing.title')}>
            <Button onPress={() => router.replace({ screen: 'workflows' })}>{t('workflows.title')}</Button>
          </Placeholder>
        ) : (
          <Failed error={form.error} onRetry={form.reload} />
        )
      ) : (
        <Skeleton lines={4} />
      )}
    </Screen>
  );
}
