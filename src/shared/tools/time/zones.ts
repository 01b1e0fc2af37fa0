// Places to time zones, without a network: IANA's own names, and cities that people ask for under another name.
import { normalise, stem } from '../../knowledge/text/analyse.ts';

export interface Zone {
  /** IANA name. */
  zone: string;
  /** As to be shown: `Tokyo`, `Токио`. */
  name: string;
}

/** `zone: names`; the first name in each script is shown. Cities that IANA names itself are found by that, too. */
const cities: Record<string, string> = {
  'Europe/London': 'London, Лондон, UK, England, Англия, Великобритания',
  'Europe/Paris': 'Paris, Париж, France, Франция',
  'Europe/Berlin':
    'Berlin, Берлин, Munich, Мюнхен, Hamburg, Гамбург, Frankfurt, Франкфурт, Germany, Германия',
  'Europe/Madrid': 'Madrid, Мадрид, Barcelona, Барселона, Spain, Испания',
  'Europe/Rome': 'Rome, Рим, Milan, Милан, Italy, Италия',
  'Europe/Lisbon': 'Lisbon, Лиссабон, Portugal, Португалия',
  'Europe/Amsterdam': 'Amsterdam, Амстердам',
  'Europe/Vienna': 'Vienna, Вена',
  'Europe/Prague': 'Prague, Прага',
  'Europe/Warsaw': 'Warsaw, Варшава',
  'Europe/Belgrade': 'Belgrade, Белград',
  'Europe/Athens': 'Athens, Афины',
  'Europe/Helsinki': 'Helsinki, Хельсинки',
  'Europe/Stockholm': 'Stockholm, Стокгольм',
  'Europe/Zurich': 'Zurich, Цюрих, Geneva, Женева',
  'Europe/Kyiv': 'Kyiv, Kiev, Киев',
  'Europe/Minsk': 'Minsk, Минск',
  'Europe/Istanbul': 'Istanbul, Стамбул, Turkey, Турция, Ankara, Анкара',
  'Europe/Moscow':
    'Moscow, Москва, Saint Petersburg, St Petersburg, Петербург, Санкт-Петербург, Питер, Sochi, Сочи',
  'Europe/Samara': 'Samara, Самара',
  'Europe/Kaliningrad': 'Kaliningrad, Калининград',
  'Asia/Yekaterinburg': 'Yekaterinburg, Екатеринбург, Ufa, Уфа, Perm, Пермь',
  'Asia/Omsk': 'Omsk, Омск',
  'Asia/Novosibirsk': 'Novosibirsk, Новосибирск',
  'Asia/Krasnoyarsk': 'Krasnoyarsk, Красноярск',
  'Asia/Irkutsk': 'Irkutsk, Иркутск',
  'Asia/Vladivostok': 'Vladivostok, Владивосток',
  'Asia/Almaty': 'Almaty, Алматы, Astana, Астана',
  'Asia/Tashkent': 'Tashkent, Ташкент',
  'Asia/Tbilisi': 'Tbilisi, Тбилиси, Batumi, Батуми',
  'Asia/Yerevan': 'Yerevan, Ереван',
  'Asia/Baku': 'Baku, Баку',
  'Asia/Dubai': 'Dubai, Дубай, Abu Dhabi, Абу-Даби',
  'Asia/Jerusalem': 'Jerusalem, Иерусалим, Tel Aviv, Тель-Авив',
  'Asia/Kolkata': 'Kolkata, Delhi, Дели, New Delhi, Mumbai, Мумбаи, Bangalore, India, Индия',
  'Asia/Bangkok': 'Bangkok, Бангкок, Phuket, Пхукет, Thailand, Таиланд',
  'Asia/Ho_Chi_Minh': 'Ho Chi Minh, Hanoi, Ханой, Vietnam, Вьетнам',
  'Asia/Jakarta': 'Jakarta, Джакарта',
  'Asia/Makassar': 'Makassar, Bali, Бали',
  'Asia/Singapore': 'Singapore, Сингапур',
  'Asia/Hong_Kong': 'Hong Kong, Гонконг',
  'Asia/Shanghai': 'Shanghai, Шанхай, Beijing, Пекин, China, Китай',
  'Asia/Seoul': 'Seoul, Сеул, Korea, Корея',
  'Asia/Tokyo': 'Tokyo, Токио, Osaka, Осака, Japan, Япония',
  'Australia/Sydney': 'Sydney, Сидней',
  'Australia/Melbourne': 'Melbourne, Мельбурн',
  'Pacific/Auckland': 'Auckland, Окленд, Wellington, Веллингтон',
  'America/New_York': 'New York, Нью-Йорк, Washington, Вашингтон, Boston, Бостон, Miami, Майами',
  'America/Chicago': 'Chicago, Чикаго, Austin, Houston, Dallas',
  'America/Denver': 'Denver, Денвер',
  'America/Los_Angeles':
    'Los Angeles, Лос-Анджелес, San Francisco, Сан-Франциско, Seattle, Сиэтл, California, Калифорния, Silicon Valley',
  'America/Toronto': 'Toronto, Торонто, Montreal, Монреаль',
  'America/Mexico_City': 'Mexico City, Мехико',
  'America/Sao_Paulo': 'Sao Paulo, Сан-Паулу, Rio de Janeiro, Рио-де-Жанейро',
  'America/Argentina/Buenos_Aires': 'Buenos Aires, Буэнос-Айрес',
  'Africa/Cairo': 'Cairo, Каир',
  'Africa/Johannesburg': 'Johannesburg, Йоханнесбург, Cape Town, Кейптаун',
  UTC: 'UTC, GMT, Гринвич',
};

let known: Map<string, Zone> | undefined;

/** The zone of a city, a country with one zone, or an IANA name, in any case and grammatical form; else undefined. */
export function findZone(place: string): Zone | undefined {
  known ??= knownPlaces();
  const byName = known.get(keyOf(place));
  if (byName) return byName;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: place.trim() }).resolvedOptions();
    return { zone: timeZone, name: cityOf(timeZone) };
  } catch {
    return undefined;
  }
}

/** `America/New_York` → `New York`. */
export function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
}

function knownPlaces(): Map<string, Zone> {
  const places = new Map<string, Zone>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const name = cityOf(zone);
    if (!places.has(keyOf(name))) places.set(keyOf(name), { zone, name });
  }
  for (const [zone, names] of Object.entries(cities)) {
    for (const name of names.split(', ')) places.set(keyOf(name), { zone, name });
  }
  return places;
}

/** Stems, so that "в Москве" finds "Москва". */
function keyOf(place: string): string {
  return place
    .split(/[\s\-_/,.]+/)
    .map((word) => stem(normalise(word)))
    .filter(Boolean)
    .join(' ');
}
