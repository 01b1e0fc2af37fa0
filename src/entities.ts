// Every table of the product, for the database. Features do not see each other's; only the composition does.
import type { EntitySchema } from '@mikro-orm/postgresql';
import { TelegramAnswerEntity } from './bot/answers/answer-entity.ts';
import { TelegramUpdateEntity } from './bot/inbox/update-entity.ts';
import { DialogueEntity, PrivateChatEntity } from './bot/state/entities.ts';
import { MessageEntity, RunEntity, ThreadEntity } from './shared/conversations/entities.ts';
import { GroupEntity, GroupMemberEntity } from './shared/groups/entities.ts';
import { PersonEntity, RefreshTokenEntity } from './shared/identity/entities.ts';
import { knowledgeEntities } from './shared/knowledge/entities.ts';
import { NoticeEntity } from './shared/notifications/entities.ts';
import {
  ProcessDefinitionEntity,
  ProcessInstanceEntity,
  UserTaskEntity,
} from './shared/workflows/entities.ts';

export const entities: readonly EntitySchema[] = [
  PersonEntity,
  RefreshTokenEntity,
  ThreadEntity,
  MessageEntity,
  RunEntity,
  GroupEntity,
  GroupMemberEntity,
  NoticeEntity,
  ...knowledgeEntities,
  ProcessDefinitionEntity,
  ProcessInstanceEntity,
  UserTaskEntity,
  TelegramUpdateEntity,
  TelegramAnswerEntity,
  PrivateChatEntity,
  DialogueEntity,
];
