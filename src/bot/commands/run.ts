import { Composer } from 'grammy';
import type { BotContext } from '../context.ts';
import { enterForm } from '../forms/form-dialogue.ts';
import type { FormStart } from '../forms/form-progress.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { clip, rows, say } from '../say.ts';
import { TextBuilder } from '../text/formatted-text.ts';

/** Bytes (Bot API, callback_data); `run:` takes four. */
const maxKey = 60;

export async function run(ctx: BotContext, deps: HandlerDeps, args: string): Promise<void> {
  const { t } = ctx;
  const definitions = await deps.services.workflows.definitions(ctx.language);
  if (definitions.length === 0) return void (await say(ctx, t.run.none));
  const wanted = args.toLowerCase();
  const chosen = definitions.find(({ key, name }) => key === args || name.toLowerCase() === wanted);
  if (chosen) return startWorkflow(ctx, chosen.key);
  const builder = new TextBuilder().append(wanted === '' ? t.run.list : t.run.unknown(clip(args, 60)));
  for (const { icon, name, description } of definitions) {
    builder.append(`\n\n${icon} `).append(name, { type: 'bold' });
    if (description !== '') builder.append(`\n${clip(description, 300)}`);
  }
  const buttons = definitions
    .filter(({ key }) => Buffer.byteLength(key) <= maxKey)
    .map(({ key, name, icon }) => ({ text: clip(`${icon} ${name}`, 60), callback_data: `run:${key}` }));
  await say(ctx, builder.build(), { keyboard: rows(buttons.slice(0, 50)) });
}

export function runButtons(): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^run:(.+)$/s, (ctx) => startWorkflow(ctx, ctx.match[1] ?? ''));
  return composer;
}

/** In a group it is started for the group, whose members then get its tasks. */
async function startWorkflow(ctx: BotContext, key: string): Promise<void> {
  const { group, place } = ctx;
  const start: FormStart = {
    kind: 'start',
    key,
    ...(group ? { groupId: group.id } : {}),
    ...(place.topicId === undefined ? {} : { topicId: place.topicId }),
  };
  await enterForm(ctx, start);
}
