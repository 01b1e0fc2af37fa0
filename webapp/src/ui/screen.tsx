import type { ReactNode } from 'react';
import { useApp, useRoute, useTranslator } from '../app/context.ts';
import { parentOf } from '../router/route.ts';
import { IconButton } from './button.tsx';

interface ScreenProps {
  title: ReactNode;
  /** Beside the title, where lines end. */
  actions?: ReactNode;
  /** Under the title, stays while the content scrolls. */
  toolbar?: ReactNode;
  footer?: ReactNode;
  /** Left out where Telegram's header already says it all. */
  hideBar?: boolean;
  children: ReactNode;
  testId: string;
}

/** A screen with its bar. Inside Telegram the way back is Telegram's button, outside it is in the bar. */
export function Screen(props: ScreenProps) {
  return (
    <section className="screen" data-testid={props.testId}>
      <header className="bar">
        <div className="bar-row">
          <BackButton />
          <h1 className="bar-title">{props.title}</h1>
          <div className="bar-actions">{props.actions}</div>
        </div>
        {props.toolbar}
      </header>
      <div className="scroll">
        <div className="column">{props.children}</div>
      </div>
      {props.footer}
    </section>
  );
}

export function BackButton() {
  const { telegram, router, back } = useApp();
  const { t } = useTranslator();
  const route = useRoute();
  if (telegram.inside || parentOf(route) === undefined) return null;
  const onPress = () => {
    const over = back.handlers().at(-1);
    if (over) over();
    else router.back();
  };
  return <IconButton icon="back" label={t('nav.back')} onPress={onPress} testId="back" className="flip" />;
}
