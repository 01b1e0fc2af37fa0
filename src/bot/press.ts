import type { Context } from 'grammy';
import { clip } from './say.ts';

/** UTF-16 units that an answer to a button press may have (Bot API, answerCallbackQuery). */
const maxAnswer = 200;

/** A press of an inline button waits for exactly one answer; without one the button spins for a minute. */
export class Press {
  readonly #ctx: Context;
  #answered = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** True while there is a press that nobody has answered. */
  get waits(): boolean {
    return this.#ctx.callbackQuery !== undefined && !this.#answered;
  }

  /** The first answer counts; does nothing for updates that are no press. A late or repeated one is no error. */
  async answer(text = '', options: { alert?: boolean; url?: string } = {}): Promise<void> {
    if (!this.waits) return;
    this.#answered = true;
    const { alert = false, url } = options;
    try {
      await this.#ctx.answerCallbackQuery({
        ...(text === '' ? {} : { text: clip(text, maxAnswer), show_alert: alert }),
        ...(url === undefined ? {} : { url }),
      });
    } catch {
      // "query is too old", or the press is answered already: in both cases nothing spins any more.
    }
  }
}
