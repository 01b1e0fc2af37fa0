import { Composer } from 'grammy';
import type { SettingsPatch } from '#shared/contracts/profile.ts';
import { languages } from '#shared/language.ts';
import { type BotContext, setPerson } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { isOneOf } from '../is-one-of.ts';
import { textsIn } from '../locales/texts.ts';
import { type Keyboard, show } from '../say.ts';
import { TextBuilder } from '../text/formatted-text.ts';

export async function showSettings(ctx: BotContext, { services }: HandlerDeps): Promise<void> {
  const settings = await services.people.settings(ctx.caller);
  const { t } = ctx;
  const state = (on: boolean) => (on ? t.on : t.off);
  const builder = new TextBuilder()
    .append(t.settings.heading, { type: 'bold' })
    .append(`\n\n${t.settings.language(t.settings.languageName)}`)
    .append(`\n${t.settings.streaming(state(settings.streaming_enabled))}`)
    .append(`\n${t.settings.notifications(state(settings.notifications))}`);
  const keyboard: Keyboard = [
    languages.map((language) => ({
      text: `${language === settings.language ? '• ' : ''}${textsIn(language).settings.languageName}`,
      callback_data: `set:language:${language}`,
    })),
    [
      {
        text: t.settings.switchStreaming(settings.streaming_enabled),
        callback_data: `set:streaming:${settings.streaming_enabled ? 'off' : 'on'}`,
      },
    ],
    [
      {
        text: t.settings.switchNotifications(settings.notifications),
        callback_data: `set:notifications:${settings.notifications ? 'off' : 'on'}`,
      },
    ],
  ];
  await show(ctx, builder.build(), keyboard);
}

/** The buttons name the wanted state, so that a press that is handled twice does not switch back. */
export function settingsButtons(deps: HandlerDeps): Composer<BotContext> {
  const { people } = deps.services;
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^set:(language|streaming|notifications):([a-z]{2,3})$/, async (ctx, next) => {
    const [, what, wanted = ''] = ctx.match;
    const patch = patchOf(what, wanted);
    if (!patch) return next();
    await people.updateSettings(ctx.caller, patch);
    const person = await people.find(ctx.caller.personId);
    if (person) setPerson(ctx, person, people.callerOf(person));
    await showSettings(ctx, deps);
    await ctx.press.answer(ctx.t.settings.saved);
  });
  return composer;
}

function patchOf(what: string | undefined, wanted: string): SettingsPatch | undefined {
  if (what === 'language') return isOneOf(languages, wanted) ? { language: wanted } : undefined;
  if (wanted !== 'on' && wanted !== 'off') return undefined;
  const on = wanted === 'on';
  return what === 'streaming' ? { streaming_enabled: on } : { notifications: on };
}
