import { describe, expect, it } from 'vitest';
import { ExpressionError } from './expression-error.ts';
import { evaluateTemplate, maximumTemplateLength, parseTemplate, renderTemplate } from './template.ts';
import type { Value, Variables } from './value.ts';

const variables: Variables = {
  amount: 120,
  name: 'Ann',
  yes: true,
  no: false,
  nothing: null,
  blank: '',
  digits: '12',
  list: ['a', 'b'],
  none: [],
  order: { total: 3, 'odd key': 'found', item: { price: 2 } },
};

const value = (source: string): Value => evaluateTemplate(parseTemplate(source), variables);

describe('an expression', () => {
  it.each<[string, Value]>([
    ['${amount}', 120],
    ['${  amount  }', 120],
    ['#{amount}', 120],
    ["${'it\\'s'}", "it's"],
    ['${"a\\\\b"}', 'a\\b'],
    ['${1.5e2}', 150],
    ['${true}', true],
    ['${null}', null],
    ['${order.total}', 3],
    ['${order.item.price}', 2],
    ["${order['odd key']}", 'found'],
    ['${list[1]}', 'b'],
    ['${list[7]}', null],
    ['${order.missing}', null],
    ['${nothing.anything}', null],
    ['${amount > 100}', true],
    ['${amount gt 100 and amount lt 130}', true],
    ['${amount ge 120 && amount le 120}', true],
    ['${amount < 100 || name == "Ann"}', true],
    ['${not yes or !no}', true],
    ['${name eq "Bob"}', false],
    ['${name ne "Bob"}', true],
    ["${'b' > 'a'}", true],
    ['${digits == 12}', true],
    ['${digits + 1}', 13],
    ['${nothing + 1}', 1],
    ['${nothing == null}', true],
    ['${nothing < 1}', false],
    ['${blank == null}', false],
    ["${'true' == true}", true],
    ['${empty nothing and empty blank and empty none}', true],
    ['${empty name or empty list or empty amount}', false],
    ['${not empty list}', true],
    ['${amount > 100 ? "much" : "little"}', 'much'],
    ['${no ? 1 : yes ? 2 : 3}', 2],
    ['${1 + 2 * 3 - 4 / 2}', 5],
    ['${(1 + 2) * 3}', 9],
    ['${7 % 4 + 7 mod 4 + 8 div 4}', 8],
    ['${-amount + - -1}', -119],
    ['${10 - 2 - 3}', 5],
    ['${no and unknown}', false],
    ['${yes or unknown}', true],
    ['${yes ? 1 : unknown}', 1],
  ])('%s is %j', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['${unknown}', /no variable "unknown" \(at character 3/],
    ['${amount > }', /expected a value, a variable or an opening parenthesis, found "}" \(at character 12/],
    ['${amount', /expected "}", found the end/],
    ['${}', /expected a value/],
    ['${a b}', /expected "}", found "b"/],
    ['${name.length()}', /methods and functions cannot be called/],
    ['${name()}', /methods and functions cannot be called/],
    ["${''.getClass()}", /methods and functions cannot be called/],
    ['${name.length}', /a string has no properties/],
    ['${amount.constructor}', /a number has no properties/],
    ['${constructor}', /no variable "constructor"/],
    ['${__proto__}', /no variable "__proto__"/],
    ['${toString}', /no variable "toString"/],
    ['${list["0"]}', /taken by its number/],
    ['${name + 1}', /a number is needed here/],
    ['${amount and yes}', /yes or no is needed here/],
    ['${1 / 0}', /division by zero/],
    ['${1 % 0}', /division by zero/],
    ['${1e308 * 10}', /too large/],
    ['${1e999}', /too large/],
    ['${order > 1}', /a number is needed/],
    ['${order > list}', /cannot be put in order/],
    ['${"open}', /no closing quotation mark/],
    ['${amount @ 1}', /means nothing/],
    ['${amount = 1}', /means nothing/],
    ['${a; b}', /means nothing/],
    ['${`a`}', /means nothing/],
    ['${[1]}', /expected a value/],
    ['${{}}', /expected a value/],
    ['${and}', /expected a value/],
    ['${order.}', /the name of a property/],
  ])('%s is refused', (source, message) => {
    expect(() => value(source)).toThrow(ExpressionError);
    expect(() => value(source)).toThrow(message);
  });

  it('reads only what an object has of its own', () => {
    expect(value('${order.constructor}')).toBeNull();
    expect(value("${order['__proto__']}")).toBeNull();
  });

  it.each([
    ['parentheses', `\${${'('.repeat(500)}1${')'.repeat(500)}}`],
    ['negations', `\${${'!'.repeat(1500)}yes}`],
    ['minus signs', `\${${'-'.repeat(1500)}1}`],
    ['choices', `\${${'yes ? 1 : '.repeat(150)}1}`],
    ['a long sum', `\${1${'+1'.repeat(900)}}`],
    ['a long path', `\${order${'.a'.repeat(900)}}`],
    ['indexes', `\${${'list['.repeat(300)}0${']'.repeat(300)}}`],
  ])('refuses %s that go too deep, before they cost anything', (_what, source) => {
    expect(() => value(source)).toThrow(/levels of nesting/);
  });

  it('refuses a text that is too long', () => {
    expect(() => parseTemplate('x'.repeat(maximumTemplateLength + 1))).toThrow(/longer than 2000/);
  });
});

describe('a text with expressions in it', () => {
  it('is put together', () => {
    expect(value('Expense of ${amount} by ${name}')).toBe('Expense of 120 by Ann');
    expect(value('${amount}${amount}')).toBe('120120');
    expect(value('a ${nothing}b')).toBe('a b');
    expect(value('plain')).toBe('plain');
    expect(value('')).toBe('');
  });

  it('may hold braces in texts and quoted beginnings', () => {
    expect(value('${"}"} and \\${amount} and $5 and {x}')).toBe('} and ${amount} and $5 and {x}');
  });

  it('does not read what a variable holds as an expression', () => {
    expect(evaluateTemplate(parseTemplate('${text}!'), { text: '${amount}' })).toBe('${amount}!');
  });

  it('shows values to people as it is told, by the name of a bare variable', () => {
    const shown = renderTemplate(
      parseTemplate('${amount} and ${amount + 1}'),
      variables,
      (shownValue, name) => (name === 'amount' ? 'a lot' : JSON.stringify(shownValue)),
    );
    expect(shown).toBe('a lot and 121');
  });
});
