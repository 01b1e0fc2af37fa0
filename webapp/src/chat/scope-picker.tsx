import { useState } from 'react';
import { useResource } from '../api/use-resource.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failed, Skeleton } from '../ui/state.tsx';

interface ScopePickerProps {
  kbIds: readonly string[];
  onChoose: (kbIds: string[]) => void;
  onClose: () => void;
}

/** The server takes as many for one conversation. */
const limit = 50;

/** Chooses the knowledge bases that a new conversation is about; none means all. */
export function ScopePicker({ kbIds, onChoose, onClose }: ScopePickerProps) {
  const { api, telegram } = useApp();
  const { t } = useTranslator();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(kbIds));
  const bases = useResource('scope', (signal) => api.catalog({ limit: 100, offset: 0 }, signal));
  const toggle = (id: string) => {
    telegram.haptic('select');
    const next = new Set(chosen);
    if (!next.delete(id) && next.size < limit) next.add(id);
    setChosen(next);
  };
  return (
    <Dialog title={t('chat.scopeTitle')} kind="sheet" onClose={onClose} testId="scope-picker">
      <p className="dialog-text">{t('chat.scopeText')}</p>
      {!bases.data && bases.loading && <Skeleton lines={3} kind="text" />}
      {!bases.data && bases.error && <Failed error={bases.error} onRetry={bases.reload} />}
      <div className="scope-list">
        {bases.data?.results.map((kb) => (
          <label key={kb.id} className="row row-press">
            <span className="kb-icon">{kb.icon}</span>
            <span className="row-main">
              <span className="row-title" dir="auto">
                {kb.name}
              </span>
            </span>
            <input
              type="checkbox"
              className="check"
              checked={chosen.has(kb.id)}
              onChange={() => toggle(kb.id)}
              data-testid="scope-option"
            />
          </label>
        ))}
      </div>
      <Button wide onPress={() => onChoose([...chosen])} testId="scope-done">
        {chosen.size === 0 ? t('chat.scopeAll') : t('chat.scopeMany', { n: chosen.size })}
      </Button>
    </Dialog>
  );
}
