// What a message wants, by rule. Everything that is nothing else is a question to the knowledge bases.
import type { Language } from '../../language.ts';
import { calculate } from '../../tools/calculator/calculate.ts';

export type Intent =
  | { kind: 'greeting' | 'thanks' | 'farewell' | 'help' | 'identity' | 'empty' }
  | { kind: 'calculation'; expression: string }
  | { kind: 'time'; place?: string; compareWith?: string }
  | { kind: 'question'; query: string; followsUp: boolean };

/** The language of the message itself; `fallback` where it has no letters. */
export function languageOf(text: string, fallback: Language): Language {
  const cyrillic = text.match(/[а-яё]/gi)?.length ?? 0;
  const latin = text.match(/[a-z]/gi)?.length ?? 0;
  if (cyrillic === 0 && latin === 0) return fallback;
  return cyrillic * 2 >= latin ? 'ru' : 'en';
}

const greeting =
  /^(?:hi|hello|hey|hiya|yo|greetings|good (?:morning|day|afternoon|evening)|how are you|привет(?:ствую|ик)?|здравствуй(?:те)?|хай|добр(?:ый день|ый вечер|ое утро|ого дня)|доброго времени суток|как дела)(?:[ ,]+(?:there|all|everyone|bot|assistant|concierge|бот|друг|ассистент|консьерж|how are you|как дела))*$/;
const thanks =
  /^(?:(?:ok(?:ay)?|great|super|ок|отлично|супер)[ ,]+)?(?:thanks?(?: you)?|thx|ty|cheers|спасибо|благодарю|спс)(?:[ ,]+(?:a lot|so much|very much|you|большое|огромное|за помощь|for (?:your|the) help))*$/;
const farewell =
  /^(?:(?:good ?)?bye(?: bye)?|see you(?: later)?|good night|пока|до свидания|до встречи|спокойной ночи)$/;
const help =
  /^(?:\/?help(?: me)?|\/start|what can (?:you|i) (?:do|ask(?: you)?)(?: for me)?(?: here)?|what do you do|how (?:do|can) i use (?:you|this)|what are you able to do|\/?помощь|помоги(?:те)?|что (?:ты|вы) (?:умеешь|умеете|можешь|можете)(?: делать)?|чем (?:ты |вы )?(?:можешь|можете) помочь|как (?:тобой|этим) пользоваться|о чем (?:тебя )?можно спросить)$/;
const identity =
  /^(?:who|what) are you(?: exactly)?$|^(?:what(?:'s| is) your name|who am i talking to)$|^are you (?:an? |really |just )*(?:chat ?gpt|gpt|ai|artificial intelligence|human|person|bot|robot|language model|llm|real|claude|machine)\b|^(?:what|which) (?:language )?(?:model|llm|ai) (?:are you|is this|do you use)|^(?:(?:а )?кто ты|ты кто|кто вы|как тебя зовут|что ты такое)(?: такой| такая)?$|^(?:а )?(?:ты|вы) (?:это )?(?:бот|робот|человек|ии|нейросеть|нейронка|живой|искусственный интеллект|языковая модель|chat ?gpt|gpt|чат ?гпт)(?=$|[ ,])|^(?:какая|что за) (?:ты |у тебя )?(?:языковая )?(?:модель|нейросеть)/;

const calculationLead =
  /^(?:please |can you |could you |пожалуйста[, ]+)*(?:calculate|compute|evaluate|work out|how much (?:is|are)|what(?:'s| is| are)|solve|посчитай(?:те)?|подсчитай(?:те)?|вычисли(?:те)?|сколько будет|сколько это|чему равн[оа]|реши(?:те)?)[: ]+/;
const explicitLead = /^(?:calculate|compute|evaluate|посчитай|подсчитай|вычисли|сколько будет|чему равн)/;

const timeQuestion =
  /^(?:(?:please |can you |could you )*(?:tell me )?)(?:what(?:'s| is)? (?:the )?(?:current |local )?time(?: is it| now| right now)?|what time is it(?: now| right now)?|current time|time now|time|what(?:'s| is) (?:the |today'?s )?date(?: today)?|today'?s date|what day is (?:it|today)(?: today)?|который (?:сейчас )?час|сколько (?:сейчас |щас )?врем(?:ени|я)|какое (?:сейчас |сегодня )?(?:время|число)|время сейчас|текущее время|который сейчас час|какой сегодня день(?: недели)?|какая сегодня дата|время)(?: сейчас| теперь| now| right now)?(?:,? (?:in|at|for|в|во|на) (?<place>[\p{L} .'-]{2,60}?))?(?: сейчас| now| right now)?$/u;
const timeDifference =
  /(?:time difference|difference in time|разница во времени|разница по времени).*? (?:between|между) (?<place>[\p{L} .'-]{2,60}?) (?:and|и) (?<other>[\p{L} .'-]{2,60}?)$/u;

const followUp =
  /^(?:and|but|what about|how about|what if|same for|а|и|но|а как|а что|а если|что насчет|как насчет|ну а)(?=[ ,]|$)/;
const backReference =
  /(?:^|[ ,])(?:it|its|that|this|they|them|those|there|this one|он|она|оно|они|его|ее|их|им|это|этого|этот|там|туда)(?=$|[ ,?])/;

export function intentOf(message: string): Intent {
  const text = message.trim().replace(/\s+/g, ' ');
  if (!/[\p{L}\p{N}]/u.test(text)) return { kind: 'empty' };
  const plain = text
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll('’', "'")
    .replace(/[?!.…)\s]+$/, '')
    .trim();
  if (greeting.test(plain)) return { kind: 'greeting' };
  if (thanks.test(plain)) return { kind: 'thanks' };
  if (farewell.test(plain)) return { kind: 'farewell' };
  if (help.test(plain)) return { kind: 'help' };
  if (identity.test(plain)) return { kind: 'identity' };
  const expression = expressionIn(text);
  if (expression !== undefined) return { kind: 'calculation', expression };
  const difference = timeDifference.exec(plain)?.groups;
  if (difference?.['place'] && difference['other']) {
    return { kind: 'time', place: difference['place'], compareWith: difference['other'] };
  }
  const time = timeQuestion.exec(plain);
  if (time) return { kind: 'time', ...(time.groups?.['place'] ? { place: time.groups['place'] } : {}) };
  const words = plain.split(' ').length;
  return {
    kind: 'question',
    query: text.slice(0, 500),
    followsUp: followUp.test(plain) ? words <= 8 : words <= 6 && backReference.test(plain),
  };
}

const wordOperators: readonly (readonly [RegExp, string])[] = [
  [/ (?:multiplied by|times|умножить на|помножить на|умножь на) /g, ' * '],
  [/ (?:divided by|over|разделить на|поделить на|делить на) /g, ' / '],
  [/ (?:plus|плюс) /g, ' + '],
  [/ (?:minus|минус) /g, ' - '],
  [/ (?:to the power of|в степени) /g, ' ^ '],
  [/ ?(?:percent|процент(?:а|ов)?)(?= |$)/g, '%'],
  [/(?:the )?(?:square root of|корень из) /g, '√'],
];

/** The arithmetic in a message that asks for nothing else. */
function expressionIn(text: string): string | undefined {
  const lower = text
    .toLowerCase()
    .replace(/[\s=?!]+$/, '')
    .replace(/^=\s*/, '');
  const explicit = explicitLead.test(lower);
  let expression = lower.replace(calculationLead, '').replace(/\.$/, '');
  for (const [pattern, sign] of wordOperators) expression = expression.replace(pattern, sign);
  expression = expression.trim();
  const hasOperation = /[-+*/^%×÷√()−]/.test(expression) || / x /.test(expression);
  if (!/\d|pi|пи/.test(expression) || !hasOperation) return undefined;
  // Dates and telephone numbers are written like subtractions.
  if (!explicit && /^\+?\d+(?:[-/]\d+){2,}$|^\+\d/.test(expression)) return undefined;
  if (calculate(expression).status === 'ok') return expression;
  // Something that is clearly meant as arithmetic gets its error explained.
  const letters = expression
    .replace(/sqrt|abs|round|floor|ceil|min|max|log|ln|sin|cos|tan|pi/g, '')
    .match(/\p{L}/gu);
  return letters === null && (explicit || /\d\s*[-+*/^×÷]|[-+*/^×÷]\s*\d/.test(expression))
    ? expression
    : undefined;
}
