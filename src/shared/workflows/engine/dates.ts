// Due and follow-up dates: an ISO 8601 instant, a day, or a duration from now, as camunda:dueDate takes them.

const duration =
  /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** An ISO instant in UTC, undefined when `text` is no date. A day means its end in UTC; years and months are calendar ones. */
export function resolveDate(text: string, now: string): string | undefined {
  const parts = duration.exec(text);
  if (parts) return after(now, parts.slice(1).map(Number));
  if (day.test(text)) return isDay(text) ? `${text}T23:59:59.000Z` : undefined;
  if (!instant.test(text)) return undefined;
  return toIso(new Date(text));
}

/** Whether it is a real day of the calendar as `yyyy-MM-dd`: not the 30th of February. */
export function isDay(text: string): boolean {
  if (!day.test(text)) return false;
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function after(now: string, counts: number[]): string | undefined {
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = counts.map(
    (count) => (Number.isNaN(count) ? 0 : count),
  );
  const date = new Date(now);
  const monthDay = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + years * 12 + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(monthDay, lastDay) + weeks * 7 + days);
  return toIso(new Date(date.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000));
}

function toIso(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? undefined : date.toISOString();
}
