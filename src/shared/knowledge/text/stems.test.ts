import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../database/database.ts';
import { openTestDatabase } from '../../database/test-database.ts';
import { stemEnglish } from './stem-english.ts';
import { stemRussian } from './stem-russian.ts';

// PostgreSQL carries the reference implementation of both algorithms.
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase([], []);
});
afterAll(() => database.close());

async function reference(dictionary: 'english_stem' | 'russian_stem', words: readonly string[]) {
  const rows = await database.query<{ word: string; stem: string | null }>(
    'select w as word, (ts_lexize($1::regdictionary, w))[1] as stem from unnest($2::text[]) w',
    [dictionary, words],
  );
  return new Map(rows.map((row) => [row.word, row.stem ?? row.word]));
}

const english =
  `running runs runner happily happiness relational conditional rationalize valency digitizer operator
  feudalism decisiveness hopefulness callousness formality sensitivity sensibility triplicate formative formalize
  electricity electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant
  replacement adjustment dependent adoption communism activate angularity homologous effective bowdlerize probate rate
  cease controlling rolling caresses ponies ties cats feed agreed plastered bled motoring sing conflated troubled sized
  hopping tanned falling hissing fizzed failing filing happy sky cry by say enjoying employed boyish expenses reimbursed
  knowledge bases gateways processes receipts lying dying skies gently generously communication arsenal news atlas
  proceeding exceeded innings vietnamization theologies biology`.split(/\s+/);
const russian =
  `важная важный важнейшие отпуска отпуском отпусков заявление заявления заявлениями согласование
  согласованный согласовать согласуют расходы расходами бегущий бежавший прочитавшись прочитав сделавшийся улыбнулась
  смотрели смотрите смотрят красивейший длинный длинная каменный возможность возможностью новость программирование
  программист процессы процессами шлюзов событие событиями группе группами который москве москвой столу столами
  семейство великолепнейшего инициатива чтение читающего говоря сказать скажут`.split(/\s+/);

describe('stems', () => {
  it('of English words are those of PostgreSQL', async () => {
    const expected = await reference('english_stem', english);
    for (const [word, stem] of expected) expect([word, stemEnglish(word)]).toEqual([word, stem]);
  });

  it('of Russian words are those of PostgreSQL', async () => {
    const expected = await reference('russian_stem', russian);
    for (const [word, stem] of expected) expect([word, stemRussian(word)]).toEqual([word, stem]);
  });

  it('of anything else never fail', () => {
    for (const word of ['', 'a', 'y', 'yyy', 'ь', 'бвг', 'ююю', 's', 'ing', 'eed', 'аяся']) {
      expect(typeof stemEnglish(word)).toBe('string');
      expect(typeof stemRussian(word)).toBe('string');
    }
  });
});
