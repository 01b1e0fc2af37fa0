// A link's target decides what it becomes: tg://user a mention, tg://time a date, tg://emoji an emoji.
import type { MessageEntity } from 'grammy/types';

const DATE_FORMAT = /^(?:r|w?[dD]?[tT]?)$/u;

/** undefined when Telegram would drop the link and keep its text. */
export function linkEntity(url: string, offset: number, length: number): MessageEntity | undefined {
  if (length <= 0) return undefined;
  if (!URL.canParse(url)) {
    return /^[\w-]+(?:\.[\w-]+)+/u.test(url)
      ? { type: 'text_link', offset, length, url: `http://${url}/` }
      : undefined;
  }
  const target = new URL(url);
  if (target.protocol !== 'tg:') {
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(target.protocol)
      ? { type: 'text_link', offset, length, url: target.href }
      : undefined;
  }
  const kind = target.host || target.pathname.replaceAll('/', '');
  if (kind === 'time') return dateEntity(target, offset, length);
  const id = target.searchParams.get('id');
  if (kind === 'emoji' && id) return { type: 'custom_emoji', offset, length, custom_emoji_id: id };
  if (kind === 'user' && id) {
    const user = { id: Number(id), is_bot: false, first_name: '' };
    return { type: 'text_mention', offset, length, user };
  }
  return { type: 'text_link', offset, length, url };
}

function dateEntity(target: URL, offset: number, length: number): MessageEntity | undefined {
  const unix = Number(target.searchParams.get('unix'));
  const format = target.searchParams.get('format') ?? '';
  if (!Number.isSafeInteger(unix) || !DATE_FORMAT.test(format)) return undefined;
  return {
    type: 'date_time',
    offset,
    length,
    unix_time: unix,
    date_time_format: format as 'r' | 'wDT',
  };
}
