import { type ErrorCode, errorCodes } from '#shared/errors.ts';
import type { Language } from '#shared/language.ts';
import type { AnswerTexts } from '../answers/answer-texts.ts';
import { textsIn } from './texts.ts';

/** The words around an answer, for the answer desk. */
export function answerTexts(language: Language): AnswerTexts {
  const { answer, errors } = textsIn(language);
  return { ...answer, failed: (code) => errors[isErrorCode(code) ? code : 'INTERNAL_ERROR'] };
}

function isErrorCode(code: string): code is ErrorCode {
  return errorCodes.some((known) => known === code);
}
