import { useEffect, useId, useRef } from 'react';
import type { Source } from '../../../src/shared/contracts/threads.ts';
import { useTranslator } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';
import { OutLink } from './markdown-view.tsx';

interface SourcesProps {
  sources: readonly Source[];
  open: boolean;
  onToggle: () => void;
  /** The source that a citation was pressed for; `at` tells one press from the next. */
  focus: { n: number; at: number } | undefined;
}

export function Sources({ sources, open, onToggle, focus }: SourcesProps) {
  const { t } = useTranslator();
  const listId = useId();
  return (
    <div className="sources" data-testid="sources">
      <button
        type="button"
        className="sources-toggle"
        aria-expanded={open}
        aria-controls={listId}
        onClick={onToggle}
      >
        <Icon name="quote" size={16} />
        {t('chat.sources', { n: sources.length })}
        <span className={open ? 'turn turned' : 'turn'}>
          <Icon name="down" size={14} />
        </span>
      </button>
      <ol id={listId} hidden={!open}>
        {sources.map((source) => (
          <SourceCard key={source.n} source={source} focusAt={focus?.n === source.n ? focus.at : 0} />
        ))}
      </ol>
    </div>
  );
}

function SourceCard({ source, focusAt }: { source: Source; focusAt: number }) {
  const { t, when } = useTranslator();
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (focusAt === 0) return;
    element.current?.scrollIntoView({ block: 'nearest' });
    element.current?.focus({ preventScroll: true });
  }, [focusAt]);
  const facts = [source.sender, source.date && when(source.date)].filter(Boolean).join(' · ');
  return (
    <li
      ref={element}
      className={focusAt > 0 ? 'source source-focus' : 'source'}
      tabIndex={-1}
      data-testid={`source-${source.n}`}
    >
      <span className="source-n" aria-hidden="true">
        {source.n}
      </span>
      <div className="source-body">
        <strong>{source.title || source.kb_name}</strong>
        <span className="hint">
          {[source.title ? source.kb_name : '', facts].filter(Boolean).join(' · ')}
        </span>
        {source.quote && <q>{source.quote}</q>}
        {source.link && (
          <OutLink href={source.link} className="source-link">
            <Icon name="external" size={14} />
            {t('chat.openSource')}
          </OutLink>
        )}
      </div>
    </li>
  );
}
