/** Languages that people can choose. A new one is one entry here and one locale file in each of bot, web app and agents. */
export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

/** The nearest language we speak for an IETF tag such as `ru-RU`; English when there is none. */
export function nearestLanguage(tag: string | undefined): Language {
  const base = tag?.toLowerCase().split('-')[0];
  return languages.find((language) => language === base) ?? 'en';
}
