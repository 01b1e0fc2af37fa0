import { Composer } from 'grammy';
import type { KnowledgeBase, SearchAnswer, SearchHit } from '#shared/contracts/knowledge.ts';
import type { BotContext } from '../context.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { showDate } from '../locales/moments.ts';
import { clip, rows, say, show } from '../say.ts';
import { type FormattedText, TextBuilder } from '../text/formatted-text.ts';
import { type TextDialogue, textDialogue } from './text-dialogue.ts';

/** One keyboard holds 100 buttons; more than these nobody ticks one by one. */
const maxBases = 30;
const maxHits = 5;
const maxWords = 500;
const maxQuote = 500;

export async function search(ctx: BotContext, deps: HandlerDeps, words: string): Promise<void> {
  const { t, caller } = ctx;
  if (words === '') return showPicker(ctx, deps);
  if (words.length > maxWords) return void (await say(ctx, t.search.tooLong));
  const bases = await readableBases(ctx, deps);
  const ticked = await tickedBases(ctx, deps, bases);
  const answer = await deps.services.search.search(caller, {
    query: words,
    kb_ids: ticked,
    max_results: maxHits,
    search_method: 'text',
  });
  if (answer.results.length === 0) {
    await say(ctx, t.search.nothing(words));
    return;
  }
  const links = answer.results.flatMap(({ link }, index) =>
    link === null ? [] : [{ text: t.search.open(index + 1), url: link }],
  );
  await say(ctx, cards(ctx, words, answer), { keyboard: rows(links, 3) });
}

export function searchDialogue(deps: HandlerDeps): TextDialogue<object> {
  return textDialogue('search', deps.logger, async (ctx, text) => {
    if (text.trim().length > maxWords) {
      await say(ctx, ctx.t.search.tooLong);
      return 'again';
    }
    await search(ctx, deps, text.trim());
    return 'done';
  });
}

export function searchButtons(deps: HandlerDeps, dialogue: TextDialogue<object>): Composer<BotContext> {
  const composer = new Composer<BotContext>();
  composer.callbackQuery(/^kb:([0-9a-f-]{36})$/, async (ctx) => {
    const id = ctx.match[1] ?? '';
    const bases = await readableBases(ctx, deps);
    const ticked = await tickedBases(ctx, deps, bases);
    const searchKbIds = ticked.includes(id) ? ticked.filter((other) => other !== id) : [...ticked, id];
    await deps.privateChats.change(ctx.caller.personId, { searchKbIds });
    await showPicker(ctx, deps);
  });
  composer.callbackQuery('kb.search', async (ctx) => {
    await say(ctx, ctx.t.search.ask);
    await dialogue.enter(ctx, {});
  });
  return composer;
}

async function showPicker(ctx: BotContext, deps: HandlerDeps): Promise<void> {
  const { t } = ctx;
  const bases = await readableBases(ctx, deps);
  if (bases.length === 0) return show(ctx, t.search.noBases);
  const ticked = await tickedBases(ctx, deps, bases);
  const buttons = bases.map(({ id, icon, name }) => ({
    text: clip(`${ticked.includes(id) ? '☑️' : '◻️'} ${icon} ${name}`, 60),
    callback_data: `kb:${id}`,
  }));
  await show(ctx, t.search.pick, [
    ...rows(buttons),
    [{ text: `🔎 ${t.search.go}`, callback_data: 'kb.search' }],
  ]);
}

async function readableBases(ctx: BotContext, { services }: HandlerDeps): Promise<KnowledgeBase[]> {
  const { results } = await services.catalog.list(ctx.caller, {
    limit: maxBases,
    offset: 0,
    sort: 'relevance',
  });
  return results;
}

/** What is ticked and can still be read: a base may be gone since. */
async function tickedBases(
  ctx: BotContext,
  { privateChats }: HandlerDeps,
  bases: readonly KnowledgeBase[],
): Promise<string[]> {
  const ticked = (await privateChats.find(ctx.caller.personId))?.searchKbIds ?? [];
  return ticked.filter((id) => bases.some((base) => base.id === id));
}

function cards(ctx: BotContext, words: string, { results }: SearchAnswer): FormattedText {
  const builder = new TextBuilder().append(ctx.t.search.found(results.length, clip(words, 100)));
  for (const [index, hit] of results.entries()) {
    builder.append(`\n\n${index + 1}. `).append(clip(hit.title ?? hit.source_name, 120), { type: 'bold' });
    builder.append('\n');
    appendQuote(builder, hit);
    const origin = [
      hit.sender,
      hit.date === null ? null : showDate(hit.date, ctx.caller),
      hit.title === null ? null : hit.source_name,
    ];
    const line = origin.filter((part) => part !== null).join(' · ');
    if (line !== '') builder.append(`\n${line}`);
  }
  return builder.build();
}

/** The words that matched stand out. Around the first of them, when the text is long. */
function appendQuote(builder: TextBuilder, { text, highlights }: SearchHit): void {
  const first = highlights[0]?.start ?? 0;
  const from = text.length <= maxQuote ? 0 : startNear(text, Math.max(0, first - maxQuote / 4));
  const shown = clip(text.slice(from), maxQuote);
  const offset = builder.text.length;
  if (from > 0) builder.append('…');
  const shift = builder.text.length - from;
  builder.append(shown);
  builder.mark({ type: 'blockquote' }, offset);
  for (const { start, end } of highlights) {
    if (start < from || end > from + shown.length) continue;
    builder.entities.push({ type: 'bold', offset: start + shift, length: end - start });
  }
}

/** The beginning of a word at or after `at`. */
function startNear(text: string, at: number): number {
  const space = text.indexOf(' ', at);
  return space === -1 || space - at > 40 ? at : space + 1;
}
