// The one place that knows the Mini App SDK. Outside Telegram, in old clients, and in clients that never answer, every
// call here does nothing instead of throwing or waiting: SDK calls throw outside Telegram, and mounting the viewport
// stays pending for ever when the client is silent.
import {
  backButton,
  closingBehavior,
  hapticFeedback,
  init,
  initData,
  isTMA,
  mainButton,
  miniApp,
  openLink,
  openTelegramLink,
  retrieveLaunchParams,
  retrieveRawInitData,
  shareURL,
  swipeBehavior,
  themeParams,
  viewport,
} from '@tma.js/sdk-react';

type Haptic = 'success' | 'error' | 'select' | 'press';

interface MainButtonLook {
  text: string;
  enabled: boolean;
  loading: boolean;
  onPress: () => void;
}

export interface Telegram {
  /** Whether the app runs inside a Telegram client. */
  readonly inside: boolean;
  readonly initData: string | undefined;
  readonly startParam: string | undefined;
  /** IETF tag of the person's Telegram, else of the browser. */
  readonly languageTag: string | undefined;
  haptic(kind: Haptic): void;
  /** Shows Telegram's back button; undefined takes it away. */
  setBackButton(onPress: (() => void) | undefined): void;
  /** Shows Telegram's main button; undefined takes it away. */
  setMainButton(look: MainButtonLook | undefined): void;
  /** Whether closing the app asks first; only for a form with unsaved input. */
  confirmClosing(on: boolean): void;
  /** `https://t.me/…` stays in Telegram, everything else opens in a browser. Other schemes are ignored. */
  open(url: string): void;
  share(url: string, text: string): void;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Call it once, before the first render. Never waits for the client. */
export function startTelegram(): Telegram {
  const rawInitData = attempt(() => retrieveRawInitData());
  const inside = rawInitData !== undefined || attempt(() => isTMA()) === true;
  followTheme(inside);
  if (!inside) return new Browser();

  // Its custom styles come as a <style> element, which the page's policy refuses. A client that tells no theme or no
  // version makes the SDK refuse all; then it gets the least that there is.
  const options = { acceptCustomStyles: false };
  if (!attempt(() => init(options))) {
    attempt(() => init({ ...options, isInlineMode: false, version: '6.0', themeParams: {} }));
  }
  attempt(() => initData.restore());
  for (const component of [themeParams, miniApp, backButton, mainButton, closingBehavior, swipeBehavior]) {
    attempt(() => component.mount());
  }
  attempt(() => themeParams.bindCssVars());
  const followClient = () => {
    // Without a background colour the SDK would call every theme dark.
    if (themeParams.bgColor() !== undefined) applyScheme(themeParams.isDark());
  };
  attempt(followClient);
  attempt(() => themeParams.state.sub(() => attempt(followClient)));
  attempt(() => miniApp.setHeaderColor('secondary_bg_color'));
  attempt(() => miniApp.setBgColor('secondary_bg_color'));
  attempt(() => miniApp.setBottomBarColor('bottom_bar_bg_color'));
  attempt(() => viewport.expand());
  // Scrolling a conversation up must not drag the whole app shut.
  attempt(() => swipeBehavior.disableVertical());
  void attempt(() =>
    viewport.mount().then(
      () => attempt(() => viewport.bindCssVars()),
      () => undefined,
    ),
  );
  attempt(() => miniApp.ready());
  return new Client(rawInitData);
}

class Client implements Telegram {
  readonly inside = true;
  readonly initData: string | undefined;
  readonly startParam: string | undefined;
  readonly languageTag: string | undefined;
  #onBack: (() => void) | undefined;
  #onMain: (() => void) | undefined;

  constructor(raw: string | undefined) {
    this.initData = raw;
    const query = new URLSearchParams(location.search);
    this.startParam =
      attempt(() => retrieveLaunchParams().tgWebAppStartParam) ??
      attempt(() => initData.startParam()) ??
      query.get('tgWebAppStartParam') ??
      undefined;
    this.languageTag = attempt(() => initData.user()?.language_code) ?? navigator.language;
    attempt(() => backButton.onClick(() => this.#onBack?.()));
    attempt(() => mainButton.onClick(() => this.#onMain?.()));
  }

  haptic(kind: Haptic): void {
    attempt(() => {
      if (kind === 'select') hapticFeedback.selectionChanged();
      else if (kind === 'press') hapticFeedback.impactOccurred('light');
      else hapticFeedback.notificationOccurred(kind);
    });
  }

  setBackButton(onPress: (() => void) | undefined): void {
    this.#onBack = onPress;
    attempt(() => (onPress ? backButton.show() : backButton.hide()));
  }

  setMainButton(look: MainButtonLook | undefined): void {
    this.#onMain = look?.onPress;
    attempt(() =>
      mainButton.setParams(
        look
          ? {
              text: look.text,
              isEnabled: look.enabled && !look.loading,
              isLoaderVisible: look.loading,
              isVisible: true,
            }
          : { isVisible: false, isLoaderVisible: false },
      ),
    );
  }

  confirmClosing(on: boolean): void {
    attempt(() => (on ? closingBehavior.enableConfirmation() : closingBehavior.disableConfirmation()));
  }

  open(url: string): void {
    const target = safeUrl(url);
    if (!target) return;
    attempt(() => (target.hostname === 't.me' ? openTelegramLink(target.href) : openLink(target.href)));
  }

  share(url: string, text: string): void {
    attempt(() => shareURL(url, text));
  }
}

class Browser implements Telegram {
  readonly inside = false;
  readonly initData = undefined;
  readonly startParam = new URLSearchParams(location.search).get('startapp') ?? undefined;
  readonly languageTag = navigator.language;

  haptic(): void {}

  setBackButton(): void {}

  setMainButton(): void {}

  confirmClosing(on: boolean): void {
    if (on) window.addEventListener('beforeunload', askBefore);
    else window.removeEventListener('beforeunload', askBefore);
  }

  open(url: string): void {
    const target = safeUrl(url);
    if (target) window.open(target.href, '_blank', 'noopener,noreferrer');
  }

  share(url: string, text: string): void {
    this.open(`https://t.me/share/url?url=${encodeURIComponent(url)}&text=${encodeURIComponent(text)}`);
  }
}

function askBefore(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function safeUrl(url: string): URL | undefined {
  const target = attempt(() => new URL(url));
  return target?.protocol === 'https:' ? target : undefined;
}

function applyScheme(dark: boolean): void {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

/** Until Telegram's colours are known, and outside it, the system decides. */
function followTheme(inside: boolean): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  applyScheme(dark.matches);
  if (!inside) dark.addEventListener('change', () => applyScheme(dark.matches));
}
