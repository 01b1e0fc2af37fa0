import type { MessageEntity } from 'grammy/types';
import type { UserTaskDetail } from '#shared/contracts/workflows.ts';
import { groupTaskKeyboard, privateTaskKeyboard, taskText } from '../commands/task-view.ts';
import type { Links } from '../links.ts';
import type { Reader } from '../locales/moments.ts';
import { textsIn } from '../locales/texts.ts';
import { formatted, type Keyboard } from '../say.ts';
import type { Target } from './notice-target.ts';

export interface NoticeMessage {
  text: string;
  entities: MessageEntity[];
  keyboard: Keyboard;
}

export function noticeMessage(task: UserTaskDetail, { kind, reader }: Target, links: Links): NoticeMessage {
  const keyboard =
    task.status !== 'open'
      ? []
      : kind === 'group'
        ? groupTaskKeyboard(task, reader, links)
        : privateTaskKeyboard(task, reader, links);
  return { ...formatted(taskText(task, reader)), keyboard };
}

/** Takes the place of a message whose task was removed. */
export function goneText({ language }: Reader): NoticeMessage {
  return { text: textsIn(language).tasks.vanished, entities: [], keyboard: [] };
}
