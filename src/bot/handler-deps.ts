// What the handlers work with. Built once by createBot and passed down.
import type { Config } from '#shared/config/load-config.ts';
import type { Database } from '#shared/database/database.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Services } from '#shared/services.ts';
import type { AnswerDesk } from './answers/answer-desk.ts';
import type { Links } from './links.ts';
import type { PrivateChats } from './state/private-chats.ts';

/** Has questions answered; the answers appear without the handler waiting for them. */
export type Answers = Pick<AnswerDesk, 'ask' | 'stop' | 'retry'>;

export interface HandlerDeps {
  config: Pick<Config, 'PUBLIC_URL' | 'BOT_API_ROOT' | 'MINI_APP_NAME'>;
  services: Pick<Services, 'people' | 'threads' | 'catalog' | 'search' | 'workflows' | 'groups' | 'notices'>;
  db: Database;
  logger: Logger;
  answers: Answers;
  privateChats: PrivateChats;
  links: Links;
}
