// Telegram's refusals with its own texts, in one place.
import type { ResponseParameters } from 'grammy/types';

export class BotApiError extends Error {
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.name = 'BotApiError';
    this.code = code;
    this.parameters = parameters;
  }
}

export const badRequest = (text: string) => new BotApiError(400, `Bad Request: ${text}`);
export const forbidden = (text: string) => new BotApiError(403, `Forbidden: ${text}`);
export const unauthorized = () => new BotApiError(401, 'Unauthorized');
export const methodNotFound = () => new BotApiError(404, 'Not Found: method not found');
export const notFound = () => new BotApiError(404, 'Not Found');
export const conflict = (text: string) => new BotApiError(409, `Conflict: ${text}`);

export const tooManyRequests = (retryAfter: number) =>
  new BotApiError(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });

export const migrated = (to: number) =>
  new BotApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
    migrate_to_chat_id: to,
  });

export const chatNotFound = () => badRequest('chat not found');
export const blockedByUser = () => forbidden('bot was blocked by the user');
export const threadNotFound = () => badRequest('message thread not found');
export const messageTooLong = () => badRequest('message is too long');
export const textEmpty = () => badRequest('message text is empty');
export const cannotParseEntities = (why: string) => badRequest(`can't parse entities: ${why}`);
export const notModified = () =>
  badRequest(
    'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
  );
export const queryTooOld = () =>
  badRequest('query is too old and response timeout expired or query ID is invalid');
