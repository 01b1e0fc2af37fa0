import { useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { Screen } from '../ui/screen.tsx';
import { Row, Section } from '../ui/section.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';
import { ProcessRow } from './process-row.tsx';

const recentCount = 10;

export function WorkflowsScreen({ groupId }: { groupId: string | undefined }) {
  const { api, router } = useApp();
  const { t, language } = useTranslator();
  const { tasksRevision } = useChat();
  const workflows = useResource(`workflows:${language}`, (signal) => api.workflows(signal));
  const processes = useResource(`processes:${language}`, (signal) => api.processes(signal), tasksRevision);
  const running = processes.data?.filter((process) => process.status === 'running') ?? [];
  const ended = processes.data?.filter((process) => process.status !== 'running').slice(0, recentCount) ?? [];
  return (
    <Screen title={t('workflows.title')} testId="screen-workflows">
      {!workflows.data && workflows.loading && <Skeleton lines={4} />}
      {workflows.error && !workflows.data && <Failed error={workflows.error} onRetry={workflows.reload} />}
      {workflows.data?.length === 0 && (
        <Placeholder emoji="🧩" title={t('workflows.empty.title')} text={t('workflows.empty.text')} />
      )}
      {workflows.data && workflows.data.length > 0 && (
        <Section title={groupId ? t('group.start') : t('workflows.available')} testId="workflow-list">
          {workflows.data.map((workflow) => (
            <Row
              key={workflow.key}
              before={<span className="kb-icon">{workflow.icon}</span>}
              title={<span dir="auto">{workflow.name}</span>}
              subtitle={<span dir="auto">{workflow.description}</span>}
              chevron
              onPress={() =>
                router.go({ screen: 'workflow', key: workflow.key, ...(groupId ? { groupId } : {}) })
              }
              testId="workflow-row"
            />
          ))}
        </Section>
      )}
      {running.length > 0 && (
        <Section title={t('workflows.running')}>
          {running.map((process) => (
            <ProcessRow key={process.id} process={process} onChanged={processes.reload} />
          ))}
        </Section>
      )}
      {ended.length > 0 && (
        <Section title={t('workflows.recent')}>
          {ended.map((process) => (
            <ProcessRow key={process.id} process={process} onChanged={processes.reload} />
          ))}
        </Section>
      )}
    </Screen>
  );
}
