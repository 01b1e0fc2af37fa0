import { useEffect, useRef } from 'react';
import { useApp } from '../app/context.ts';
import { Button } from './button.tsx';

interface MainActionProps {
  text: string;
  onPress: () => void;
  disabled?: boolean;
  loading?: boolean;
  testId?: string;
}

/** The one action of a screen: Telegram's main button, or a button at the bottom outside Telegram. */
export function MainAction({
  text,
  onPress,
  disabled = false,
  loading = false,
  testId = 'main-action',
}: MainActionProps) {
  const { telegram } = useApp();
  const latest = useRef(onPress);
  useEffect(() => {
    latest.current = onPress;
  });
  useEffect(() => {
    telegram.setMainButton({ text, enabled: !disabled, loading, onPress: () => latest.current() });
  }, [telegram, text, disabled, loading]);
  useEffect(() => () => telegram.setMainButton(undefined), [telegram]);
  if (telegram.inside) return null;
  return (
    <div className="main-action">
      <Button wide onPress={onPress} disabled={disabled} loading={loading} testId={testId}>
        {text}
      </Button>
    </div>
  );
}
