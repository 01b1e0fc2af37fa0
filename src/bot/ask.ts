// From a message to the assistant. The answer appears by itself; nothing here waits for it.
import { AppError } from '#shared/errors.ts';
import type { BotContext } from './context.ts';
import type { HandlerDeps } from './handler-deps.ts';
import { attempt } from './outbound/outcome.ts';

/** Asks in the person's current conversation, which the answer's thread becomes. */
export async function askPrivately(
  ctx: BotContext,
  { answers, privateChats, services }: HandlerDeps,
  text: string,
): Promise<void> {
  const { caller, place } = ctx;
  const chosen = (await privateChats.find(caller.personId))?.threadId ?? undefined;
  const threadId =
    chosen === undefined || (await threadExists(services.threads, caller, chosen)) ? chosen : undefined;
  const asked = await answers.ask({
    caller,
    chat: { id: place.chatId, kind: 'private' },
    replyTo: ctx.message?.message_id,
    text,
    updateId: ctx.update.update_id,
    thread: { kind: 'person', threadId },
    streaming: ctx.person.streamingEnabled,
    language: ctx.language,
  });
  if (asked.threadId !== chosen) await privateChats.change(caller.personId, { threadId: asked.threadId });
}

/** Asks in the conversation of the group's topic. A reaction says at once that the question was seen. */
export async function askInGroup(
  ctx: BotContext,
  { answers }: Pick<HandlerDeps, 'answers'>,
  groupId: string,
  text: string,
): Promise<void> {
  const { place } = ctx;
  void attempt(() => ctx.react('👀'));
  await answers.ask({
    caller: ctx.caller,
    chat: { id: place.chatId, kind: 'group', topicId: place.topicId },
    replyTo: ctx.message?.message_id,
    text,
    updateId: ctx.update.update_id,
    thread: { kind: 'group', groupId, topicId: place.topicId ?? 0 },
    streaming: ctx.person.streamingEnabled,
    language: ctx.language,
  });
}

/** The chosen conversation may have been deleted elsewhere, as in the Mini App. */
async function threadExists(
  threads: HandlerDeps['services']['threads'],
  caller: BotContext['caller'],
  threadId: string,
): Promise<boolean> {
  try {
    await threads.get(caller, threadId);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND') return false;
    throw error;
  }
}
