import { useState } from 'react';
import type { KnowledgeBaseDetail } from '../../../src/shared/contracts/knowledge.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { MainAction } from '../ui/main-action.tsx';
import { Screen } from '../ui/screen.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Row, Section } from '../ui/section.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';
import { useDebounced } from '../ui/use-debounced.ts';
import { Hits } from './hits.tsx';
import { KbTitle } from './kb-card.tsx';

export function KbScreen({ id }: { id: string }) {
  const { api, router, telegram, config } = useApp();
  const { t } = useTranslator();
  const kb = useResource(`kb:${id}`, (signal) => api.knowledgeBase(id, signal));
  const [words, setWords] = useState('');
  const query = useDebounced(words, 300).trim();

  if (!kb.data) {
    return (
      <Screen title={t('kb.title')} testId="screen-kb">
        {kb.loading && <Skeleton lines={5} />}
        {kb.error &&
          (kb.error.status === 404 || kb.error.status === 400 ? (
            <Placeholder
              emoji="🫥"
              title={t('kb.missing.title')}
              text={t('kb.missing.text')}
              testId="kb-missing"
            >
              <Button onPress={() => router.replace({ screen: 'catalog' })}>{t('catalog.title')}</Button>
            </Placeholder>
          ) : (
            <Failed error={kb.error} onRetry={kb.reload} />
          ))}
      </Screen>
    );
  }
  const base = kb.data;
  const link = shareLink(config()?.bot_username, config()?.mini_app_name, id);
  return (
    <Screen
      title={t('kb.title')}
      testId="screen-kb"
      actions={
        link && (
          <IconButton
            icon="share"
            label={t('kb.share')}
            onPress={() => telegram.share(link, base.name)}
            testId="kb-share"
          />
        )
      }
      footer={
        base.access.can_read && (
          <MainAction
            text={t('kb.ask')}
            onPress={() => router.go({ screen: 'chat', kbId: id })}
            testId="kb-ask"
          />
        )
      }
    >
      <div className="hero">
        <span className="kb-icon kb-icon-big">{base.icon}</span>
        <h2>
          <KbTitle kb={base} />
        </h2>
        <p dir="auto">{base.description}</p>
        <div className="tags">
          <span className="tag">{t(`kb.${base.visibility}`)}</span>
          {base.status !== 'enabled' && <span className="tag tag-warn">{t(`kb.status.${base.status}`)}</span>}
          {base.categories.map((category) => (
            <span key={category} className="tag">
              {t(`category.${category}`)}
            </span>
          ))}
          {base.tags.slice(0, 8).map((tag) => (
            <span key={tag} className="tag">
              #{tag}
            </span>
          ))}
        </div>
      </div>
      {base.access.can_read ? (
        <>
          <SearchField
            label={t('kb.search')}
            clearLabel={t('catalog.clear')}
            value={words}
            onChange={setWords}
            testId="kb-search"
          />
          {query !== '' && <Results id={id} query={query} />}
        </>
      ) : (
        <p className="note">{t('kb.noAccess')}</p>
      )}
      {query === '' && <About kb={base} />}
    </Screen>
  );
}

function About({ kb }: { kb: KnowledgeBaseDetail }) {
  const { t, compact, number, when } = useTranslator();
  const stats = [
    [t('kb.messages'), kb.stats.messages],
    [t('kb.contributors'), kb.stats.contributors],
    [t('kb.searches'), kb.stats.searches],
    [t('kb.members'), kb.stats.members],
  ] as const;
  return (
    <>
      <dl className="stats" data-testid="kb-stats">
        {stats.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{compact(value)}</dd>
          </div>
        ))}
      </dl>
      {kb.sample_messages.length > 0 && (
        <Section title={t('kb.samples')} testId="kb-samples">
          <Hits hits={kb.sample_messages} />
        </Section>
      )}
      <Section title={t('kb.about')}>
        {kb.source_name && <Row title={t('kb.source')} after={kb.source_name} />}
        <Row title={t('kb.language')} after={t(`language.${kb.language}`)} />
        <Row title={t('kb.quality')} after={`${number(Math.round(kb.quality_score))} / 100`} />
        <Row title={t('kb.updated')} after={when(kb.last_indexed ?? kb.updated_at)} />
      </Section>
    </>
  );
}

function Results({ id, query }: { id: string; query: string }) {
  const { api } = useApp();
  const { t } = useTranslator();
  const found = useResource(`kb-search:${id}:${query}`, (signal) => api.searchIn(id, query, signal));
  if (found.error) return <Failed error={found.error} onRetry={found.reload} />;
  if (!found.data) return <Skeleton lines={4} kind="text" />;
  if (found.data.results.length === 0) return <p className="note">{t('kb.noResults', { query })}</p>;
  return (
    <Section title={t('kb.results', { n: found.data.total })} testId="kb-results">
      <Hits hits={found.data.results} />
    </Section>
  );
}

function shareLink(
  bot: string | null | undefined,
  app: string | null | undefined,
  id: string,
): string | undefined {
  if (!bot) return undefined;
  return app ? `https://t.me/${bot}/${app}?startapp=kb_${id}` : `https://t.me/${bot}?startapp=kb_${id}`;
}
