import { useLayoutEffect, useRef, useState } from 'react';
import { useApp, useTranslator } from '../app/context.ts';
import { IconButton } from '../ui/button.tsx';

const maxLength = 16_000;

interface ComposerProps {
  placeholder: string;
  /** An answer is being given: the button stops it. */
  answering: boolean;
  stopping: boolean;
  /** A question of this conversation is still on its way. */
  sending: boolean;
  disabled: boolean;
  /** False when it could not be taken; the text stays. */
  onSend: (text: string) => boolean;
  onStop: () => void;
}

export function Composer(props: ComposerProps) {
  const { telegram, toasts } = useApp();
  const { t } = useTranslator();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);

  // `field-sizing` is not everywhere yet, so the height follows by hand.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${text === '' ? 0 : element.scrollHeight}px`;
  }, [text]);

  const send = () => {
    if (props.answering || props.sending || props.disabled) {
      if (text.trim() !== '' && !props.disabled) toasts.show(t('chat.busy'));
      return;
    }
    if (text.length > maxLength) {
      toasts.show(t('chat.tooLong', { n: text.length, max: maxLength }), 'error');
      return;
    }
    if (!props.onSend(text)) return;
    telegram.haptic('press');
    setText('');
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={text}
        disabled={props.disabled}
        placeholder={props.placeholder}
        aria-label={props.placeholder}
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // On a phone Enter makes a line; an input method's Enter only ends its composition.
          const fine = matchMedia('(pointer: fine)').matches;
          if (event.key === 'Enter' && !event.shiftKey && fine && !event.nativeEvent.isComposing) {
            event.preventDefault();
            send();
          }
        }}
        data-testid="composer"
      />
      {props.answering ? (
        <IconButton
          icon="stop"
          label={props.stopping ? t('chat.stopping') : t('chat.stop')}
          disabled={props.stopping}
          onPress={() => {
            telegram.haptic('press');
            props.onStop();
          }}
          className="composer-button"
          keepFocus
          testId="stop"
        />
      ) : (
        <IconButton
          icon="send"
          label={t('chat.send')}
          disabled={text.trim() === '' || props.sending || props.disabled}
          onPress={send}
          className="composer-button"
          keepFocus
          testId="send"
        />
      )}
    </form>
  );
}
