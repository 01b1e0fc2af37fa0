import { describe, expect, it } from 'vitest';
import { intentOf, languageOf } from './intent.ts';

describe('intentOf', () => {
  it.each([
    ['Hello!', 'greeting'],
    ['hi there', 'greeting'],
    ['Добрый день!', 'greeting'],
    ['Привет, бот', 'greeting'],
    ['thanks a lot!', 'thanks'],
    ['Спасибо большое', 'thanks'],
    ['пока', 'farewell'],
    ['What can you do?', 'help'],
    ['Что ты умеешь?', 'help'],
    ['/help', 'help'],
    ['Who are you?', 'identity'],
    ['Are you ChatGPT?', 'identity'],
    ['ты нейросеть?', 'identity'],
    ['Кто ты такой?', 'identity'],
    ['???', 'empty'],
    ['How do I invite the bot to a group?', 'question'],
    ['Привет, как подключить группу?', 'question'],
    ['What is the time limit for expense reports?', 'question'],
    ['What is BPMN 2.0?', 'question'],
    ['Какие бывают шлюзы?', 'question'],
    ['2026-11-21', 'question'],
    ['+49 170 1234567', 'question'],
    ['What is GPT?', 'question'],
  ])('%s is a %s', (message, kind) => {
    expect(intentOf(message).kind).toBe(kind);
  });

  it.each([
    ['what is 12*7+3', '12*7+3'],
    ['What is 12 times 7 plus 3?', '12 * 7 + 3'],
    ['сколько будет 2 плюс 2?', '2 + 2'],
    ['посчитай (3+4)^2', '(3+4)^2'],
    ['20% of 300', '20% of 300'],
    ['20 процентов от 300', '20% от 300'],
    ['1/0', '1/0'],
    ['sqrt(2)', 'sqrt(2)'],
    ['2+2=', '2+2'],
  ])('%s computes %s', (message, expression) => {
    expect(intentOf(message)).toEqual({ kind: 'calculation', expression });
  });

  it.each([
    ['What time is it?', {}],
    ['what time is it in Tokyo', { place: 'tokyo' }],
    ['Который час в Нью-Йорке?', { place: 'нью-йорке' }],
    ['сколько времени', {}],
    ['какое сегодня число?', {}],
    ['time difference between London and Delhi', { place: 'london', compareWith: 'delhi' }],
    ['Какая разница во времени между Москвой и Токио?', { place: 'москвой', compareWith: 'токио' }],
  ])('%s asks for the time', (message, more) => {
    expect(intentOf(message)).toEqual({ kind: 'time', ...more });
  });

  it.each([
    ['And for groups?', true],
    ['а в группах?', true],
    ['How long does it take?', true],
    ['How do I add the bot to a group of my company?', false],
  ])('%s follows up: %s', (message, followsUp) => {
    expect(intentOf(message)).toMatchObject({ kind: 'question', followsUp });
  });

  it('knows the language of a message', () => {
    expect(languageOf('Что такое BPMN?', 'en')).toBe('ru');
    expect(languageOf('What is BPMN?', 'ru')).toBe('en');
    expect(languageOf('2+2', 'ru')).toBe('ru');
  });
});
