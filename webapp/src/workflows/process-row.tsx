import { useState } from 'react';
import type { ProcessInstanceView } from '../../../src/shared/contracts/workflows.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { IconButton } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Row } from '../ui/section.tsx';

export function ProcessRow({ process, onChanged }: { process: ProcessInstanceView; onChanged: () => void }) {
  const { api, telegram, toasts } = useApp();
  const translator = useTranslator();
  const { t, when } = translator;
  const [asking, setAsking] = useState(false);
  const cancel = async () => {
    setAsking(false);
    try {
      await api.cancelProcess(process.id);
      telegram.haptic('success');
      onChanged();
    } catch (error) {
      telegram.haptic('error');
      toasts.show(errorText(translator, ApiError.from(error)), 'error');
    }
  };
  const running = process.status === 'running';
  const facts = running
    ? process.waiting_for.length > 0
      ? t('process.waiting', { what: process.waiting_for.join(', ') })
      : t('process.started', { when: when(process.started_at) })
    : [process.outcome, when(process.ended_at ?? process.started_at)].filter(Boolean).join(' · ');
  return (
    <>
      <Row
        before={
          <span
            className={`process-dot process-${process.status}`}
            role="img"
            aria-label={t(`process.${process.status}`)}
          />
        }
        title={<span dir="auto">{process.name}</span>}
        subtitle={<span dir="auto">{facts}</span>}
        after={
          running && (
            <IconButton
              icon="close"
              label={`${t('process.cancel')}: ${process.name}`}
              onPress={() => setAsking(true)}
            />
          )
        }
        testId="process-row"
      />
      {asking && (
        <Confirm
          title={t('process.cancelTitle')}
          text={t('process.cancelText')}
          yes={t('process.cancel')}
          no={t('process.keep')}
          danger
          onYes={() => void cancel()}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}
