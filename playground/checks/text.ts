// Turns the text parameters of a call into what is stored: parsed, trimmed, measured, entities checked.
import type { MessageEntity } from 'grammy/types';
import { detectEntities } from './detect-entities.ts';
import { badRequest, messageTooLong, textEmpty } from './errors.ts';
import { parseHtml } from './html.ts';
import { parseLegacyMarkdown } from './legacy-markdown.ts';
import { parseMarkdownV2 } from './markdown-v2.ts';
import { isObject, type Params } from './params.ts';

export const TEXT_LIMIT = 4096;
const CAPTION_LIMIT = 1024;
const TYPES = new Set(
  'mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention custom_emoji date_time'.split(
    ' ',
  ),
);

interface FormattedText {
  text: string;
  entities: MessageEntity[];
}

/** Throws Telegram's 400 for an empty or too long text and for entities outside of it. Lengths are UTF-16 units. */
export function readText(params: Params, { allowEmpty = false } = {}): FormattedText {
  const read = parse(params, 'text', 'entities');
  if (read.text === '' && !allowEmpty) throw textEmpty();
  if (read.text.length > TEXT_LIMIT) throw messageTooLong();
  return read;
}

export function readCaption(params: Params): FormattedText {
  const read = parse(params, 'caption', 'caption_entities');
  if (read.text.length > CAPTION_LIMIT) throw badRequest('message caption is too long');
  return read;
}

function parse(params: Params, field: string, entitiesField: string): FormattedText {
  const source = params.string(field).replaceAll('\r', '');
  if (hasLoneSurrogate(source)) throw badRequest('strings must be encoded in UTF-8');
  const mode = params.string('parse_mode').toLowerCase();
  if (mode === 'markdownv2') return finish(parseMarkdownV2(source));
  if (mode === 'html') return finish(parseHtml(source));
  if (mode === 'markdown') return finish(parseLegacyMarkdown(source));
  if (mode !== '') throw badRequest('unsupported parse_mode');
  const entities = (params.list(entitiesField) ?? []).map((value) => checkEntity(value, source));
  return finish({ text: source, entities });
}

function hasLoneSurrogate(text: string): boolean {
  return !text.isWellFormed();
}

function checkEntity(value: unknown, text: string): MessageEntity {
  if (!isObject(value)) throw badRequest("can't parse MessageEntity: expected an Object");
  const { type, offset, length } = value;
  if (typeof type !== 'string' || !TYPES.has(type))
    throw badRequest("can't parse MessageEntity: Type is invalid");
  if (!isInteger(offset) || !isInteger(length)) {
    throw badRequest(
      `can't parse MessageEntity: Field "${isInteger(offset) ? 'length' : 'offset'}" must be of type Number`,
    );
  }
  if (offset < 0 || length <= 0) throw badRequest('ENTITY_BOUNDS_INVALID');
  if (offset >= text.length)
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${text.length}`);
  if (offset + length > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${text.length}`,
    );
  }
  if (splitsPair(text, offset))
    throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${offset}`);
  if (splitsPair(text, offset + length)) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${offset + length}`,
    );
  }
  if (type === 'text_link' && !URL.canParse(String(value['url']))) throw badRequest('ENTITY_URL_INVALID');
  return { ...value, type, offset, length } as MessageEntity;
}

const isInteger = (value: unknown): value is number => Number.isInteger(value);

function splitsPair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  const before = text.charCodeAt(index - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
}

/** Telegram trims texts and moves the entities along, drops those which become empty, and adds its own. */
function finish({ text, entities }: FormattedText): FormattedText {
  const lead = text.length - text.trimStart().length;
  const trimmed = text.trim();
  const moved = entities.flatMap((entity) => {
    const start = Math.max(entity.offset - lead, 0);
    const end = Math.min(entity.offset + entity.length - lead, trimmed.length);
    return end > start ? [{ ...entity, offset: start, length: end - start }] : [];
  });
  return { text: trimmed, entities: detectEntities(trimmed, moved) };
}
