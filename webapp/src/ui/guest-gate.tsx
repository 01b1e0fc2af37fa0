import type { ReactNode } from 'react';
import { useApp, useSession, useTranslator } from '../app/context.ts';
import { Button } from './button.tsx';
import { Screen } from './screen.tsx';
import { Placeholder } from './state.tsx';

/** Shows its children to people with an account, and to guests the way to one. */
export function GuestGate({
  title,
  text,
  testId,
  children,
}: {
  title: string;
  text: string;
  testId: string;
  children: ReactNode;
}) {
  const session = useSession();
  if (session.status !== 'guest') return children;
  return (
    <Screen title={title} testId={testId}>
      <OpenInTelegram text={text} expired={session.reason === 'expired'} />
    </Screen>
  );
}

function OpenInTelegram({ text, expired }: { text: string; expired: boolean }) {
  const { telegram, config } = useApp();
  const { t } = useTranslator();
  const bot = config()?.bot_username;
  const app = config()?.mini_app_name;
  if (expired)
    return (
      <Placeholder emoji="⏳" title={t('guest.expired.title')} text={t('guest.expired')} testId="gate" />
    );
  return (
    <Placeholder
      emoji="✈️"
      title={t('guest.title')}
      text={bot ? text : `${text} ${t('guest.noBot')}`}
      testId="gate"
    >
      {bot && (
        <Button
          icon="telegram"
          onPress={() => telegram.open(app ? `https://t.me/${bot}/${app}` : `https://t.me/${bot}?startapp`)}
          testId="open-in-telegram"
        >
          {t('guest.action')}
        </Button>
      )}
    </Placeholder>
  );
}
