import { z } from 'zod';
import type { Language } from '../../language.ts';
import type { Tool, ToolResult } from '../tool.ts';
import { cityOf, findZone, type Zone } from './zones.ts';

const input = z.object({
  place: z
    .string()
    .max(100)
    .optional()
    .describe('A city or an IANA time zone. Left out: where the person is.'),
  compare_with: z
    .string()
    .max(100)
    .optional()
    .describe('A second city or zone: the answer says by how much their clocks differ.'),
  until: z
    .string()
    .max(40)
    .optional()
    .describe('An ISO date or date-time: the answer says how far away it is.'),
});

/** @param now for tests */
export function timeTool(now: () => Date = () => new Date()): Tool<typeof input> {
  return {
    name: 'time',
    emoji: '🕑',
    description:
      'Tells the current date and time where the person is or in a named city or time zone, the difference between ' +
      'two zones, and how long it is until a date. Use it whenever an answer depends on the current time.',
    input,
    label: (language) => (language === 'ru' ? 'Смотрю на часы' : 'Looking at the clock'),
    async run({ place, compare_with, until }, { language, timeZone }) {
      const here = zoneOrHere(place, timeZone);
      if (!here) return unknownPlace(place ?? timeZone, language);
      const moment = now();
      const lines = [describe(here, moment, language, place === undefined)];
      const data: Record<string, unknown> = { zone: here.zone, now: moment.toISOString() };
      if (compare_with !== undefined) {
        const other = findZone(compare_with);
        if (!other) return unknownPlace(compare_with, language);
        const minutes = offsetMinutes(other.zone, moment) - offsetMinutes(here.zone, moment);
        lines.push(describe(other, moment, language, false), difference(here, other, minutes, language));
        data['other'] = other.zone;
        data['difference_minutes'] = minutes;
      }
      if (until !== undefined) {
        const target = parseDate(until, here.zone);
        if (!target) return { status: 'error', message: texts[language].badDate(until) };
        lines.push(distance(moment, target, until, here.zone, language));
        data['until'] = target.toISOString();
      }
      return { status: 'ok', content: lines.join('\n'), data };
    },
  };
}

const texts = {
  en: {
    here: (when: string, zone: string) => `It is ${when} where you are (${zone}).`,
    there: (when: string, place: string) => `${place}: it is ${when}.`,
    unknown: (place: string) =>
      `I know no time zone for "${place}". Name a bigger city there or an IANA zone such as Europe/Paris.`,
    badDate: (text: string) => `"${text}" is not a date. Write it as 2026-12-31 or 2026-12-31T18:00.`,
    same: (a: string, b: string) => `${a} and ${b} have the same time.`,
    ahead: (a: string, b: string, by: string) => `${a} is ${by} ahead of ${b}.`,
    span: (hours: number, minutes: number) => [hours && `${hours} h`, minutes && `${minutes} min`],
    left: (text: string, span: string) => `${span} left until ${text}.`,
    past: (text: string, span: string) => `${text} was ${span} ago.`,
    today: (text: string) => `${text} is today.`,
    days: (days: number) => `${days} ${days === 1 ? 'day' : 'days'}`,
  },
  ru: {
    here: (when: string, zone: string) => `У вас сейчас ${when} (${zone}).`,
    there: (when: string, place: string) => `${place}: сейчас ${when}.`,
    unknown: (place: string) =>
      `Не знаю часового пояса для «${place}». Назовите город покрупнее рядом или пояс IANA, например Europe/Paris.`,
    badDate: (text: string) => `«${text}» — не дата. Напишите её как 2026-12-31 или 2026-12-31T18:00.`,
    same: (a: string, b: string) => `${a} и ${b}: время одинаковое.`,
    ahead: (a: string, b: string, by: string) => `${a}: на ${by} больше, чем ${b}.`,
    span: (hours: number, minutes: number) => [hours && `${hours} ч`, minutes && `${minutes} мин`],
    left: (text: string, span: string) => `До ${text} осталось ${span}.`,
    past: (text: string, span: string) => `${text}: ${span} назад.`,
    today: (text: string) => `${text} — сегодня.`,
    days: (days: number) => `${days} ${russianDays(days)}`,
  },
} satisfies Record<Language, object>;

function russianDays(days: number): string {
  const rule = new Intl.PluralRules('ru').select(days);
  return rule === 'one' ? 'день' : rule === 'few' ? 'дня' : 'дней';
}

function zoneOrHere(place: string | undefined, timeZone: string): Zone | undefined {
  if (place !== undefined && place.trim() !== '') return findZone(place);
  const known = findZone(timeZone);
  return known && { zone: known.zone, name: cityOf(known.zone) };
}

function unknownPlace(place: string, language: Language): ToolResult {
  return { status: 'error', message: texts[language].unknown(place) };
}

function describe(place: Zone, moment: Date, language: Language, isHere: boolean): string {
  const when = new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    timeZone: place.zone,
    hour: '2-digit',
    minute: '2-digit',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  const parts = Object.fromEntries(when.formatToParts(moment).map((part) => [part.type, part.value]));
  const date = `${parts['hour']}:${parts['minute']}, ${parts['weekday']}, ${parts['day']} ${parts['month']} ${parts['year']}`;
  return isHere ? texts[language].here(date, place.zone) : texts[language].there(date, place.name);
}

function difference(here: Zone, other: Zone, minutes: number, language: Language): string {
  const text = texts[language];
  if (minutes === 0) return text.same(here.name, other.name);
  const size = Math.abs(minutes);
  const span = text
    .span(Math.floor(size / 60), size % 60)
    .filter(Boolean)
    .join(' ');
  return minutes > 0 ? text.ahead(other.name, here.name, span) : text.ahead(here.name, other.name, span);
}

function distance(now: Date, target: Date, written: string, zone: string, language: Language): string {
  const text = texts[language];
  const days = Math.round(dayNumber(target, zone) - dayNumber(now, zone));
  if (days !== 0)
    return days > 0 ? text.left(written, text.days(days)) : text.past(written, text.days(-days));
  const minutes = Math.round((target.getTime() - now.getTime()) / 60_000);
  if (!written.includes('T') || minutes === 0) return text.today(written);
  const size = Math.abs(minutes);
  const span = text
    .span(Math.floor(size / 60), size % 60)
    .filter(Boolean)
    .join(' ');
  return minutes > 0 ? text.left(written, span) : text.past(written, span);
}

/** Minutes that clocks in the zone are ahead of UTC at that moment. */
function offsetMinutes(zone: string, moment: Date): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /([+-])(\d{2}):(\d{2})/.exec(name ?? '');
  if (!match) return 0;
  const size = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -size : size;
}

/** Calendar days since the epoch in the zone. */
function dayNumber(moment: Date, zone: string): number {
  return Math.floor((moment.getTime() + offsetMinutes(zone, moment) * 60_000) / 86_400_000);
}

/** A date or a time without a zone is the clock's in `zone`. */
function parseDate(text: string, zone: string): Date | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text.trim());
  if (!match) return undefined;
  const local = new Date(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  if (Number.isNaN(local.getTime())) return undefined;
  return match[3] ? local : new Date(local.getTime() - offsetMinutes(zone, local) * 60_000);
}
