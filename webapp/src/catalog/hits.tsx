import { Fragment } from 'react';
import type { SearchHit } from '../../../src/shared/contracts/knowledge.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { OutLink } from '../chat/markdown-view.tsx';
import { Icon } from '../ui/icon.tsx';
import { splitHighlights } from './highlights.ts';

export function Hits({ hits, showBase }: { hits: readonly SearchHit[]; showBase?: boolean }) {
  return (
    <ul className="hits">
      {hits.map((hit) => (
        <Hit key={`${hit.source}:${hit.id}`} hit={hit} showBase={showBase ?? false} />
      ))}
    </ul>
  );
}

function Hit({ hit, showBase }: { hit: SearchHit; showBase: boolean }) {
  const { router } = useApp();
  const { t, when } = useTranslator();
  const facts = [hit.sender, hit.date && when(hit.date)].filter(Boolean).join(' · ');
  return (
    <li className="hit" data-testid="hit">
      {hit.title && <strong dir="auto">{hit.title}</strong>}
      <p dir="auto">
        {splitHighlights(hit.text, hit.highlights).map((part, index) => (
          <Fragment key={index}>{part.marked ? <mark>{part.text}</mark> : part.text}</Fragment>
        ))}
      </p>
      <div className="hit-foot">
        {showBase && (
          <button type="button" className="link" onClick={() => router.go({ screen: 'kb', id: hit.source })}>
            {hit.source_name}
          </button>
        )}
        <span className="hint">{facts}</span>
        {hit.link && (
          <OutLink href={hit.link} className="hit-link">
            <Icon name="external" size={14} />
            {t('kb.openMessage')}
          </OutLink>
        )}
      </div>
    </li>
  );
}
