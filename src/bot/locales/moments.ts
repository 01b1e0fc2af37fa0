// Times as the reader says them: in their language and their time zone.
import type { Language } from '#shared/language.ts';

export interface Reader {
  language: Language;
  /** IANA name. */
  timeZone: string;
}

export function showMoment(iso: string, { language, timeZone }: Reader): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(
    new Date(iso),
  );
}

export function showDate(iso: string, { language, timeZone }: Reader): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(new Date(iso));
}

/** A calendar day, `YYYY-MM-DD`, which is the same everywhere. */
export function showDay(day: string, language: Language): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** The day, `YYYY-MM-DD`, that it is in this time zone `offset` days from now. */
export function dayFromNow(offset: number, timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(now + offset * 24 * 3600 * 1000));
}
