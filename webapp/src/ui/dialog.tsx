import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useBack } from '../app/back-stack.ts';

interface DialogProps {
  title: string;
  /** `sheet` slides from below on a phone; `drawer` from the side where lines begin. */
  kind?: 'alert' | 'sheet' | 'drawer';
  hideTitle?: boolean;
  onClose: () => void;
  children: ReactNode;
  testId?: string;
}

/** Modal: the browser keeps the focus inside, Escape, "back" and a press beside it close it. */
export function Dialog({ kind = 'alert', ...props }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useBack(true, props.onClose);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={`dialog dialog-${kind}`}
      aria-labelledby={titleId}
      data-testid={props.testId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) props.onClose();
      }}
    >
      <div className="dialog-body">
        <h2 id={titleId} className={props.hideTitle ? 'visually-hidden' : 'dialog-title'}>
          {props.title}
        </h2>
        {props.children}
      </div>
    </dialog>
  );
}
