import type { KnowledgeBase } from '../../../src/shared/contracts/knowledge.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';
import { Row } from '../ui/section.tsx';

export function KbTitle({ kb }: { kb: KnowledgeBase }) {
  const { t } = useTranslator();
  return (
    <>
      <span dir="auto">{kb.name}</span>
      {kb.verified && (
        <span className="mark" role="img" aria-label={t('kb.verified')}>
          <Icon name="verified" size={16} />
        </span>
      )}
      {kb.visibility === 'private' && (
        <span className="mark mark-quiet" role="img" aria-label={t('kb.private')}>
          <Icon name="lock" size={14} />
        </span>
      )}
    </>
  );
}

/** How big it is, in one line. */
function useKbFacts(): (kb: KnowledgeBase) => string {
  const { t, compact } = useTranslator();
  return (kb) => {
    const messages = t('kb.messagesShort', { n: kb.stats.messages, count: compact(kb.stats.messages) });
    const status = kb.status === 'enabled' ? undefined : t(`kb.status.${kb.status}`);
    return [status, messages, ...kb.categories.slice(0, 2).map((category) => t(`category.${category}`))]
      .filter(Boolean)
      .join(' · ');
  };
}

export function KbRow({ kb }: { kb: KnowledgeBase }) {
  const { router } = useApp();
  const facts = useKbFacts();
  return (
    <Row
      before={<span className="kb-icon">{kb.icon}</span>}
      title={<KbTitle kb={kb} />}
      subtitle={
        <>
          <span className="clamp-2" dir="auto">
            {kb.description}
          </span>
          <span className="row-facts">{facts(kb)}</span>
        </>
      }
      onPress={() => router.go({ screen: 'kb', id: kb.id })}
      testId="kb-row"
    />
  );
}

export function KbTile({ kb }: { kb: KnowledgeBase }) {
  const { router } = useApp();
  const facts = useKbFacts();
  return (
    <button
      type="button"
      className="tile"
      onClick={() => router.go({ screen: 'kb', id: kb.id })}
      data-testid="kb-tile"
    >
      <span className="kb-icon">{kb.icon}</span>
      <span className="tile-title">
        <KbTitle kb={kb} />
      </span>
      <span className="clamp-2 tile-text" dir="auto">
        {kb.description}
      </span>
      <span className="row-facts">{facts(kb)}</span>
    </button>
  );
}
