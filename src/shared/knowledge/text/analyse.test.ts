import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import { isMisspelling } from './misspelling.ts';

const terms = (text: string): string[] => analyse(text).map((token) => token.term);

describe('analyse', () => {
  it('unifies case, forms of letters and word forms, and drops stop words', () => {
    expect(terms('The Receipts of the TRIPS')).toEqual(terms('a receipt, trip!'));
    expect(terms('Ёлки')).toEqual(terms('елка'));
    expect(terms('Ｆｕｌｌ ｗｉｄｔｈ')).toEqual(['full', 'width']);
    expect(terms('Café')).toEqual(['cafe']);
    expect(terms("isn't the company's")).toEqual(['isn', 'compani']);
  });

  it('cuts scripts without spaces into pairs', () => {
    expect(terms('员工食堂')).toEqual(['员工', '工食', '食堂']);
    expect(terms('API接口2')).toEqual(['api', '接口', '2']);
    expect(terms('東')).toEqual(['東']);
  });

  it('finds the words of a name written together', () => {
    expect(terms('initData')).toEqual(['initdata', 'init', 'data']);
    expect(terms('requestFullscreen')).toEqual(expect.arrayContaining(terms('request fullscreen')));
  });

  it('says where each term stands', () => {
    const text = '👋 Привет, «Мир»! 東京';
    const written = analyse(text).map((token) => text.slice(token.start, token.end));
    expect(written).toEqual(['Привет', 'Мир', '東京']);
  });

  it('bounds endless words', () => {
    expect(terms('x'.repeat(10_000))[0]?.length).toBeLessThanOrEqual(40);
  });
});

describe('isMisspelling', () => {
  it.each([
    ['reciept', 'receipt', true],
    ['boundry', 'boundary', true],
    ['заевление', 'заявление', true],
    ['evnt', 'event', true],
    ['capital', 'capitol', true],
    ['mongolia', 'mobile', false],
    ['cat', 'car', false],
    ['office', 'offered', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(isMisspelling(a, b)).toBe(expected);
  });
});
