import { useState } from 'react';
import type { Category } from '../../../src/shared/contracts/knowledge.ts';
import type { CatalogSort } from '../api/api.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useSession, useTranslator } from '../app/context.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Chips, Segments } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Screen } from '../ui/screen.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Section } from '../ui/section.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';
import { useDebounced } from '../ui/use-debounced.ts';
import { Hits } from './hits.tsx';
import { KbRow, KbTile } from './kb-card.tsx';

type VisibilityFilter = 'all' | 'public' | 'private';

interface Filters {
  category: Category | 'all';
  sort: CatalogSort;
  visibility: VisibilityFilter;
}

const noFilters: Filters = { category: 'all', sort: 'relevance', visibility: 'all' };
const pageSize = 30;

export function CatalogScreen() {
  const { t } = useTranslator();
  const signedIn = useSession().status === 'signed-in';
  const [words, setWords] = useState('');
  const [place, setPlace] = useState<'names' | 'messages'>('names');
  const [filters, setFilters] = useState(noFilters);
  const [choosing, setChoosing] = useState(false);
  const query = useDebounced(words, 300).trim();
  const filtered = filters.sort !== 'relevance' || filters.visibility !== 'all';

  return (
    <Screen
      title={t('catalog.title')}
      testId="screen-catalog"
      actions={
        <IconButton
          icon="filter"
          label={t('catalog.filters')}
          pressed={filtered}
          onPress={() => setChoosing(true)}
          testId="catalog-filters"
        />
      }
      toolbar={
        <>
          <SearchField
            label={t('catalog.search')}
            clearLabel={t('catalog.clear')}
            value={words}
            onChange={setWords}
            testId="catalog-search"
          />
          {query !== '' && (
            <Segments
              label={t('catalog.in')}
              value={place}
              onChange={setPlace}
              options={[
                { value: 'names', label: t('catalog.in.names') },
                { value: 'messages', label: t('catalog.in.messages') },
              ]}
              testId="catalog-place"
            />
          )}
        </>
      }
    >
      {query !== '' && place === 'messages' ? (
        <MessageResults query={query} />
      ) : (
        <Bases query={query} filters={filters} onFilters={setFilters} />
      )}
      {choosing && (
        <Dialog title={t('catalog.filters')} kind="sheet" onClose={() => setChoosing(false)}>
          <div className="filters">
            <h3>{t('catalog.sort')}</h3>
            <Chips
              label={t('catalog.sort')}
              value={filters.sort}
              onChange={(sort) => setFilters({ ...filters, sort })}
              options={(['relevance', 'newest', 'searches'] as const).map((sort) => ({
                value: sort,
                label: t(`catalog.sort.${sort}`),
              }))}
              testId="sort"
            />
            {signedIn && (
              <>
                <h3>{t('catalog.visibility')}</h3>
                <Chips
                  label={t('catalog.visibility')}
                  value={filters.visibility}
                  onChange={(visibility) => setFilters({ ...filters, visibility })}
                  options={(['all', 'public', 'private'] as const).map((visibility) => ({
                    value: visibility,
                    label: t(`catalog.visibility.${visibility}`),
                  }))}
                  testId="visibility"
                />
              </>
            )}
            <Button wide onPress={() => setChoosing(false)}>
              {t('common.close')}
            </Button>
          </div>
        </Dialog>
      )}
    </Screen>
  );
}

function Bases({
  query,
  filters,
  onFilters,
}: {
  query: string;
  filters: Filters;
  onFilters: (filters: Filters) => void;
}) {
  const { api } = useApp();
  const { t } = useTranslator();
  const [limit, setLimit] = useState(pageSize);
  const narrowed = query !== '' || JSON.stringify(filters) !== JSON.stringify(noFilters);
  const featured = useResource('catalog:featured', (signal) =>
    api.catalog({ featured: true, limit: 10, offset: 0 }, signal),
  );
  const catalog = useResource(`catalog:${JSON.stringify([query, filters, limit])}`, (signal) =>
    api.catalog(
      {
        search: query,
        category: filters.category === 'all' ? undefined : filters.category,
        visibility: filters.visibility === 'all' ? undefined : filters.visibility,
        sort: filters.sort,
        limit: Math.min(limit, 100),
        offset: 0,
      },
      signal,
    ),
  );
  const categories = Object.entries(catalog.data?.categories ?? featured.data?.categories ?? {}) as [
    Category,
    number,
  ][];
  const chips = [
    { value: 'all' as const, label: t('catalog.all') },
    ...categories
      .filter(([category, count]) => count > 0 || category === filters.category)
      .map(([category, count]) => ({ value: category, label: t(`category.${category}`), count })),
  ];
  return (
    <>
      {!narrowed && featured.data && featured.data.results.length > 0 && (
        <section aria-label={t('catalog.featured')}>
          <h2 className="section-title">{t('catalog.featured')}</h2>
          <div className="tiles" data-testid="featured">
            {featured.data.results.map((kb) => (
              <KbTile key={kb.id} kb={kb} />
            ))}
          </div>
        </section>
      )}
      {chips.length > 1 && (
        <Chips
          label={t('catalog.categories')}
          options={chips}
          value={filters.category}
          onChange={(category) => onFilters({ ...filters, category })}
          testId="category"
        />
      )}
      {!catalog.data && catalog.loading && <Skeleton lines={6} kind="card" />}
      {catalog.error && !catalog.data && <Failed error={catalog.error} onRetry={catalog.reload} />}
      {catalog.data?.results.length === 0 && (
        <Placeholder
          emoji={narrowed ? '🔭' : '🌱'}
          title={narrowed ? t('catalog.empty.title') : t('catalog.none.title')}
          text={narrowed ? t('catalog.empty.text') : t('catalog.none.text')}
          testId="catalog-empty"
        >
          {JSON.stringify(filters) !== JSON.stringify(noFilters) && (
            <Button variant="secondary" onPress={() => onFilters(noFilters)}>
              {t('catalog.reset')}
            </Button>
          )}
        </Placeholder>
      )}
      {catalog.data && catalog.data.results.length > 0 && (
        <Section title={t('catalog.count', { n: catalog.data.total })} testId="catalog-results">
          {catalog.data.results.map((kb) => (
            <KbRow key={kb.id} kb={kb} />
          ))}
        </Section>
      )}
      {catalog.data && catalog.data.results.length < catalog.data.total && limit < 100 && (
        <Button variant="plain" wide loading={catalog.loading} onPress={() => setLimit(limit + pageSize)}>
          {t('common.more')}
        </Button>
      )}
    </>
  );
}

function MessageResults({ query }: { query: string }) {
  const { api } = useApp();
  const { t } = useTranslator();
  const found = useResource(`search:${query}`, (signal) => api.search(query, signal));
  if (found.error) return <Failed error={found.error} onRetry={found.reload} />;
  if (!found.data) return <Skeleton lines={5} kind="text" />;
  if (found.data.results.length === 0) {
    return <Placeholder emoji="🔭" title={t('catalog.empty.title')} text={t('kb.noResults', { query })} />;
  }
  return (
    <Section title={t('kb.results', { n: found.data.total })}>
      <Hits hits={found.data.results} showBase />
    </Section>
  );
}
