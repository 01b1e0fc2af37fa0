// Shows an answer while it grows. Whatever goes wrong here costs looks only: the final does not depend on it, except
// that it takes over the message that previews edit.
import type { Api } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import type { Outbound } from '../outbound/outbound.ts';
import { attempt, type Failure } from '../outbound/outcome.ts';
import type { FormattedText } from '../text/formatted-text.ts';
import type { PreviewMode } from './answer-entity.ts';
import type { AnswerRow } from './answer-table.ts';
import type { Timing } from './timing.ts';

export interface PreviewDeps {
  api: Api;
  outbound: Outbound;
  timing: Timing;
  /** The row is changed along: chat, topic and preview message are read from it at every call. */
  row: AnswerRow;
  /** Called with the id of the message that stands for the answer from now on; null when there is none any more. */
  onMessage: (messageId: number | null) => Promise<void>;
  thinking: string;
  stopButton: InlineKeyboardMarkup;
  /** Whether this answer may have the draft of its chat now. */
  mayDraft(): boolean;
  compose(): FormattedText;
  characters(): number;
}

export class Previews {
  readonly #deps: PreviewDeps;
  /** When the run began; it may have to wait for the answer before it. */
  #startedAt: number | undefined;
  #mode: PreviewMode;
  #changed = true;
  #notify: (() => void) | undefined;
  #shownAt: number | undefined;
  #shown = '';
  #typedAt = 0;
  /** Doubled after a 429. */
  #slowness = 1;
  #plain = false;

  constructor(deps: PreviewDeps) {
    this.#deps = deps;
    this.#mode = deps.row.transport;
  }

  /** The run goes on: nothing is shown before, so that the draft of the answer before it stays. */
  begin(): void {
    this.#startedAt ??= Date.now();
    this.#notify?.();
  }

  /** There is more to show. */
  touch(): void {
    this.#changed = true;
    this.#notify?.();
  }

  /** Until `signal` aborts; then nothing of it is on the wire any more. */
  async run(signal: AbortSignal): Promise<void> {
    const end = () => this.#notify?.();
    signal.addEventListener('abort', end);
    try {
      while (!signal.aborted) {
        const now = Date.now();
        if (this.#typingAt() <= now) await this.#type();
        else if (this.#previewAt() <= now) await this.#show();
        else await this.#wait(Math.min(this.#typingAt(), this.#previewAt()) - now);
      }
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  #typingAt(): number {
    if (this.#startedAt === undefined || this.#shownAt !== undefined) return Infinity;
    return this.#typedAt + this.#deps.timing.typingMs;
  }

  #previewAt(): number {
    const { timing, row } = this.#deps;
    if (this.#mode === 'none' || this.#startedAt === undefined) return Infinity;
    if (this.#mode === 'draft' && !this.#deps.mayDraft()) return Infinity;
    if (this.#shownAt === undefined) {
      const characters = this.#deps.characters();
      if (characters >= timing.firstChars) return 0;
      const patience = this.#mode === 'edit' && characters === 0 ? timing.placeholderMs : timing.firstMs;
      return this.#startedAt + patience * this.#slowness;
    }
    const pace =
      this.#mode === 'draft'
        ? timing.draftMs
        : row.chatKind === 'group'
          ? timing.groupEditMs
          : timing.privateEditMs;
    if (this.#changed) return this.#shownAt + pace * this.#slowness;
    return this.#mode === 'draft' ? this.#shownAt + timing.draftRefreshMs : Infinity;
  }

  async #type(): Promise<void> {
    const { api, row } = this.#deps;
    this.#typedAt = Date.now();
    await attempt(() =>
      api.sendChatAction(
        row.chatId,
        'typing',
        row.topicId === null ? {} : { message_thread_id: row.topicId },
      ),
    );
  }

  async #show(): Promise<void> {
    this.#changed = false;
    const content = this.#content();
    const shape = JSON.stringify(content);
    if (this.#mode === 'edit' && shape === this.#shown) {
      this.#shownAt = Date.now();
      return;
    }
    const failure = this.#mode === 'draft' ? await this.#draft(content) : await this.#edit(content);
    const wasShown = this.#shownAt !== undefined;
    if (failure === undefined) {
      this.#shownAt = Date.now();
      this.#shown = shape;
    } else {
      this.#changed = true;
      this.#recover(failure);
      // The pace counts from the attempt, so that a failing call is not repeated at once.
      if (wasShown || this.#mode !== 'none') this.#shownAt = Date.now();
    }
  }

  #content(): FormattedText {
    const content = this.#deps.compose();
    if (content.text === '' && this.#mode === 'edit') return { text: this.#deps.thinking, entities: [] };
    return this.#plain ? { text: content.text, entities: [] } : content;
  }

  /** Bot API: an empty draft shows the client's own "Thinking…". */
  async #draft({ text, entities }: FormattedText): Promise<Failure | undefined> {
    const { api, row } = this.#deps;
    const outcome = await attempt(() =>
      api.sendMessageDraft(row.chatId, row.draftId, text, {
        entities,
        can_stop: true,
        keep_on_stop: true,
        ...(row.topicId === null ? {} : { message_thread_id: row.topicId }),
      }),
    );
    return outcome.status === 'ok' ? undefined : outcome;
  }

  async #edit({ text, entities }: FormattedText): Promise<Failure | undefined> {
    const { api, outbound, row, stopButton, onMessage } = this.#deps;
    const messageId = row.previewMessageId;
    if (messageId !== null) {
      const outcome = await outbound.inLane('preview', () =>
        attempt(() =>
          api.editMessageText(row.chatId, messageId, text, { entities, reply_markup: stopButton }),
        ),
      );
      return outcome.status === 'ok' ? undefined : outcome;
    }
    const outcome = await outbound.inLane('preview', () =>
      attempt(() =>
        api.sendMessage(row.chatId, text, {
          entities,
          reply_markup: stopButton,
          ...(row.topicId === null ? {} : { message_thread_id: row.topicId }),
          ...(row.replyTo === null
            ? {}
            : { reply_parameters: { message_id: row.replyTo, allow_sending_without_reply: true } }),
        }),
      ),
    );
    if (outcome.status !== 'ok') return outcome;
    await onMessage(outcome.value.message_id);
    return undefined;
  }

  #recover(failure: Failure): void {
    const { row } = this.#deps;
    switch (failure.status) {
      case 'limited':
        this.#slowness = Math.min(this.#slowness * 2, 8);
        return;
      case 'unsent':
      case 'not_modified':
      case 'migrated':
        return;
      case 'thread_gone':
        row.topicId = null;
        return;
      case 'lost':
        // A draft or an edit may be repeated. A message may be there without anybody knowing its id.
        if (this.#mode === 'edit' && row.previewMessageId === null) this.#mode = 'none';
        return;
      case 'gone':
        row.previewMessageId = null;
        this.#mode = 'none';
        return;
      case 'dead_chat':
        this.#mode = 'none';
        return;
      case 'refused':
        if (this.#mode === 'draft') this.#mode = 'edit';
        else if (this.#plain) this.#mode = 'none';
        else this.#plain = true;
    }
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 60_000));
      this.#notify = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#notify = undefined;
  }
}
