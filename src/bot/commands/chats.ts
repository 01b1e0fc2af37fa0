// Conversations in the private chat: a new one, and the list of the earlier ones.
import { Composer } from 'grammy';
import type { MessageView, ThreadView } from '#shared/contracts/threads.ts';
import { AppError } from '#shared/errors.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { showMoment } from '../locales/moments.ts';
import type { Texts } from '../locales/texts.ts';
import { clip, rows, say, show } from '../say.ts';
import { type FormattedText, TextBuilder, trimmed } from '../text/formatted-text.ts';
import { renderMarkdown } from '../text/markdown.ts';
import { pageButtons } from './page-buttons.ts';
import { type TextDialogue, textDialogue } from './text-dialogue.ts';

const perPage = 8;
const maxTitle = 48;
/** So many of the last messages make a conversation recognisable. */
const remembered = 4;
const maxRemembered = 700;

export async function beginNewChat(ctx: BotContext, { privateChats }: HandlerDeps): Promise<void> {
  await privateChats.change(ctx.caller.personId, { threadId: null });
  await say(ctx, ctx.t.chats.fresh);
}

export async function showChats(
  ctx: BotContext,
  { services, privateChats }: HandlerDeps,
  offset = 0,
): Promise<void> {
  const { t, caller } = ctx;
  const page = await services.threads.list(caller, { limit: perPage, offset });
  if (page.total === 0) return show(ctx, t.chats.none);
  const current = (await privateChats.find(caller.personId))?.threadId;
  const buttons = page.results.map((thread) => ({
    text: `${thread.id === current ? '• ' : ''}${titleOf(thread, t)}`,
    callback_data: `chat:${thread.id}`,
  }));
  await show(ctx, t.chats.list(page.total), [
    ...rows(buttons),
    ...pageButtons(t, page, (at) => `chats:${at}`),
  ]);
}

/** Goes on with a conversation. Throws RESOURCE_NOT_FOUND when it is not the person's. */
export async function continueChat(
  ctx: BotContext,
  { services, privateChats }: HandlerDeps,
  threadId: string,
): Promise<void> {
  const { t, caller } = ctx;
  const thread = await services.threads.get(caller, threadId);
  const offset = Math.max(0, thread.message_count - remembered);
  const { results } = await services.threads.messages(caller, threadId, { limit: remembered, offset });
  await privateChats.change(caller.personId, { threadId });
  await show(ctx, recognisable(ctx, thread, results), [
    [
      { text: t.chats.rename, callback_data: `chat.rename:${threadId}` },
      { text: t.chats.remove, callback_data: `chat.remove:${threadId}` },
    ],
    [{ text: t.chats.toList, callback_data: 'chats:0' }],
  ]);
}

export function renameDialogue({ services, logger }: HandlerDeps): TextDialogue<{ threadId: string }> {
  return textDialogue('rename', logger, async (ctx, text, { threadId }) => {
    const title = text.trim();
    if (title === '' || title.length > 200) {
      await say(ctx, ctx.t.chats.titleRules);
      return 'again';
    }
    const thread = await services.threads.rename(ctx.caller, threadId, title);
    await say(ctx, ctx.t.chats.renamed(thread.title));
    return 'done';
  });
}

export function chatButtons(
  deps: HandlerDeps,
  rename: TextDialogue<{ threadId: string }>,
): Composer<BotContext> {
  const { services, privateChats } = deps;
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^chats:(\d{1,6})$/, (ctx) => showChats(ctx, deps, Number(ctx.match[1])));
  composer.callbackQuery(/^chat:([0-9a-f-]{36})$/, (ctx) => continueChat(ctx, deps, ctx.match[1] ?? ''));

  composer.callbackQuery(/^chat\.rename:([0-9a-f-]{36})$/, async (ctx) => {
    const thread = await services.threads.get(ctx.caller, ctx.match[1] ?? '');
    await say(ctx, ctx.t.chats.askTitle(titleOf(thread, ctx.t)));
    await rename.enter(ctx, { threadId: thread.id });
  });

  composer.callbackQuery(/^chat\.remove:([0-9a-f-]{36})$/, async (ctx) => {
    const { t } = ctx;
    const thread = await services.threads.get(ctx.caller, ctx.match[1] ?? '');
    await show(ctx, t.chats.confirmRemove(titleOf(thread, t)), [
      [{ text: t.chats.reallyRemove, callback_data: `chat.removed:${thread.id}`, style: 'danger' }],
      [{ text: t.chats.keep, callback_data: `chat:${thread.id}` }],
    ]);
  });

  composer.callbackQuery(/^chat\.removed:([0-9a-f-]{36})$/, async (ctx) => {
    const { t, caller } = ctx;
    const threadId = ctx.match[1] ?? '';
    const title = await removeOnce(deps, ctx, threadId);
    const current = (await privateChats.find(caller.personId))?.threadId;
    if (current === threadId) await privateChats.change(caller.personId, { threadId: null });
    if (title !== undefined) await ctx.press.answer(t.chats.removed(title));
    await showChats(ctx, deps);
  });
  return composer;
}

/** Undefined when it was gone already: the same press can be handled twice. */
async function removeOnce(
  { services }: HandlerDeps,
  ctx: BotContext,
  threadId: string,
): Promise<string | undefined> {
  try {
    const thread = await services.threads.get(ctx.caller, threadId);
    await services.threads.remove(ctx.caller, threadId);
    return titleOf(thread, ctx.t);
  } catch (error) {
    if (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND') return undefined;
    throw error;
  }
}

function recognisable(ctx: BotContext, thread: ThreadView, messages: readonly MessageView[]): FormattedText {
  const { t, caller } = ctx;
  const builder = new TextBuilder()
    .append(t.chats.continued(titleOf(thread, t)), { type: 'bold' })
    .append(`\n${showMoment(thread.updated_at, caller)}`, { type: 'italic' });
  if (messages.length === 0) builder.append(`\n\n${t.chats.empty}`);
  for (const { role, content } of messages) {
    builder.append(`\n\n${role === 'user' ? t.chats.you : t.chats.me}: `, { type: 'bold' });
    // Answers are Markdown, questions are what somebody typed.
    const excerpt = clip(content.trim(), maxRemembered);
    builder.appendFormatted(
      role === 'assistant'
        ? trimmed(renderMarkdown(excerpt, { unfinished: true }))
        : { text: excerpt, entities: [] },
    );
  }
  return builder.build();
}

function titleOf(thread: Pick<ThreadView, 'title'>, t: Texts): string {
  return clip(thread.title.trim() || t.unnamed, maxTitle);
}
