// Text with entities, as the Bot API takes it instead of a parse mode. Offsets and lengths are UTF-16 units,
// which is what JavaScript strings count in, so no conversion is needed anywhere.
import type { MessageEntity } from 'grammy/types';

export interface FormattedText {
  text: string;
  entities: MessageEntity[];
}

/** The formats that this bot makes; each is a Bot API entity type with its own field, if any. */
export type Format =
  | { type: 'bold' | 'italic' | 'strikethrough' | 'underline' | 'spoiler' | 'code' | 'blockquote' }
  | { type: 'expandable_blockquote' }
  | { type: 'pre'; language?: string }
  | { type: 'text_link'; url: string };

/** Grows a text; what is appended with a format becomes an entity. */
export class TextBuilder {
  text = '';
  readonly entities: MessageEntity[] = [];

  append(text: string, format?: Format): this {
    const offset = this.text.length;
    this.text += text;
    if (format) this.mark(format, offset);
    return this;
  }

  appendFormatted({ text, entities }: FormattedText): this {
    const offset = this.text.length;
    this.text += text;
    for (const entity of entities) this.entities.push({ ...entity, offset: entity.offset + offset });
    return this;
  }

  /** Formats everything from `offset` to the end. Formats around others are marked after them. */
  mark(format: Format, offset: number): this {
    const length = this.text.length - offset;
    if (length > 0) this.entities.push({ ...format, offset, length });
    return this;
  }

  /** Without blank space at both ends, which Telegram would cut off, too; entities outermost first. */
  build(): FormattedText {
    return trimmed({ text: this.text, entities: this.entities });
  }
}

export function trimmed(formatted: FormattedText): FormattedText {
  const end = formatted.text.trimEnd().length;
  // Only whole blank lines in front: the indentation of the first line may belong to code.
  const start = Math.min(/^(?:[^\S\n]*\n)*/.exec(formatted.text)?.[0].length ?? 0, end);
  return slice(formatted, start, end);
}

/** The part from `start` to `end`; entities are cut to what is inside of it. */
export function slice({ text, entities }: FormattedText, start: number, end: number): FormattedText {
  const inside = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : [];
  });
  inside.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text: text.slice(start, end), entities: inside };
}
