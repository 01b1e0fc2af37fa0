import { useEffect } from 'react';
import type { Profile, SettingsPatch } from '../../../src/shared/contracts/profile.ts';
import type { Language } from '../../../src/shared/language.ts';
import { ApiError } from '../api/api-error.ts';
import { type Resource, useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { dictionaries } from '../i18n/translate.ts';
import { Screen } from '../ui/screen.tsx';
import { Row, Section, SwitchRow } from '../ui/section.tsx';
import { Failed, Skeleton } from '../ui/state.tsx';
import { ProcessRow } from '../workflows/process-row.tsx';

export function ProfileScreen() {
  const { api, language } = useApp();
  const { t } = useTranslator();
  const { tasksRevision } = useChat();
  const profile = useResource('profile', (signal) => api.profile(signal), tasksRevision);
  const chosen = profile.data?.settings.language;
  useEffect(() => {
    if (chosen) language.set(chosen);
  }, [language, chosen]);
  return (
    <Screen title={t('profile.title')} testId="screen-profile">
      {profile.data ? (
        <ProfileView profile={profile.data} resource={profile} />
      ) : profile.error ? (
        <Failed error={profile.error} onRetry={profile.reload} />
      ) : (
        <Skeleton lines={6} />
      )}
    </Screen>
  );
}

function ProfileView({ profile, resource }: { profile: Profile; resource: Resource<Profile> }) {
  const { api, chat, telegram, toasts, language, config } = useApp();
  const translator = useTranslator();
  const { t, number, date } = translator;
  const { settings, stats } = profile;
  const name = [profile.first_name, profile.last_name].filter(Boolean).join(' ');

  /** Shown at once; taken back when the server refuses. */
  const change = async (patch: SettingsPatch) => {
    const optimistic = { ...profile, settings: { ...settings, ...withoutUndefined(patch) } };
    telegram.haptic('select');
    resource.replace(optimistic);
    if (patch.language) language.set(patch.language);
    try {
      resource.replace({ ...optimistic, settings: await api.updateSettings(patch) });
      if (patch.language) chat.restart();
    } catch (error) {
      telegram.haptic('error');
      resource.replace(profile);
      language.set(settings.language);
      toasts.show(t('profile.notSaved', { reason: errorText(translator, ApiError.from(error)) }), 'error');
    }
  };

  const figures = [
    [t('profile.messages'), stats.messages_sent],
    [t('profile.tasks'), stats.tasks_completed],
    [t('profile.groups'), stats.groups_managed],
    [t('profile.kb'), stats.kb_size_mb],
  ] as const;
  const version = config()?.version;
  return (
    <>
      <div className="hero">
        <span className="avatar" aria-hidden="true">
          {initials(profile)}
        </span>
        <h2 dir="auto" data-testid="profile-name">
          {name}
        </h2>
        <p className="hint">
          {[
            profile.username && `@${profile.username}`,
            t('profile.since', { date: date(profile.created_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <dl className="stats" aria-label={t('profile.stats')} data-testid="profile-stats">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
      <Section title={t('profile.settings')}>
        <label className="row row-press">
          <span className="row-main">
            <span className="row-title">{t('profile.language')}</span>
          </span>
          <select
            className="row-select"
            value={settings.language}
            onChange={(event) => void change({ language: event.target.value as Language })}
            data-testid="language"
          >
            {(Object.keys(dictionaries) as Language[]).map((each) => (
              <option key={each} value={each}>
                {t(`language.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <SwitchRow
          title={t('profile.streaming')}
          checked={settings.streaming_enabled}
          onChange={(streaming_enabled) => void change({ streaming_enabled })}
          testId="streaming"
        />
        <SwitchRow
          title={t('profile.notifications')}
          subtitle={t('profile.notificationsHelp')}
          checked={settings.notifications}
          onChange={(notifications) => void change({ notifications })}
          testId="notifications"
        />
        {settings.llm_model && <Row title={t('profile.model')} after={settings.llm_model} />}
        <Row
          title={t('profile.theme')}
          after={t(telegram.inside ? 'profile.themeTelegram' : 'profile.themeSystem')}
        />
      </Section>
      <Section title={t('profile.processes')} testId="active-processes">
        {profile.active_processes.length === 0 && (
          <Row title={<span className="hint">{t('profile.noProcesses')}</span>} />
        )}
        {profile.active_processes.map((process) => (
          <ProcessRow key={process.id} process={process} onChanged={resource.reload} />
        ))}
      </Section>
      {version && <p className="version">{t('profile.version', { version })}</p>}
    </>
  );
}

function initials(profile: Profile): string {
  return [profile.first_name, profile.last_name ?? '']
    .map((part) => Array.from(part.trim())[0] ?? '')
    .join('')
    .toUpperCase();
}

function withoutUndefined(patch: SettingsPatch): Partial<Profile['settings']> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
