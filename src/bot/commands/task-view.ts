// A task as it is shown in a chat: to its group in a notice, and to one person.

import type { InlineKeyboardButton } from 'grammy/types';
import type { UserTaskDetail } from '#shared/contracts/workflows.ts';
import { factsOf } from '../forms/form-progress.ts';
import { factLine } from '../forms/show-form.ts';
import type { Links } from '../links.ts';
import { type Reader, showMoment } from '../locales/moments.ts';
import { textsIn } from '../locales/texts.ts';
import { clip, type Keyboard } from '../say.ts';
import { type FormattedText, TextBuilder } from '../text/formatted-text.ts';

/** UTF-16 units of a description in a chat; the whole of it is in the form. */
const maxDescription = 1_500;

export function taskText(task: UserTaskDetail, reader: Reader): FormattedText {
  const t = textsIn(reader.language).tasks;
  const builder = new TextBuilder()
    .append(markOf(task))
    .append(task.name, { type: 'bold' })
    .append(`\n${t.process(task.process_name, task.started_by?.name ?? null)}`);
  if (task.description !== '') builder.append(`\n\n${clip(task.description, maxDescription)}`);
  for (const field of factsOf(task.form)) builder.append(`\n${clip(factLine(field, reader.language), 300)}`);
  builder.append('\n');
  if (task.status === 'open') appendOpen(builder, task, reader);
  else builder.append(`\n${endOf(task, reader)}`, { type: 'bold' });
  return builder.build();
}

/** Where only one person reads: what they can do with the task now. */
export function privateTaskKeyboard(task: UserTaskDetail, reader: Reader, links: Links): Keyboard {
  const t = textsIn(reader.language);
  const url = links.webApp(`tasks/${task.id}`);
  const app = (text: string): InlineKeyboardButton[] =>
    url === undefined ? [] : [{ text, web_app: { url } }];
  const take = task.can_claim ? [{ text: t.tasks.take, callback_data: `take:${task.id}` }] : [];
  if (!task.can_complete) return [[...take, ...app(t.openInApp)]].filter((row) => row.length > 0);
  if (!task.needs_input) return [[...take, { text: t.tasks.done, callback_data: `done:${task.id}` }]];
  return [
    take,
    [{ text: t.tasks.fillIn, callback_data: `fill:${task.id}` }, ...app(t.tasks.openForm)],
  ].filter((row) => row.length > 0);
}

/** For a group: everybody sees the same buttons, and each press is checked. */
export function groupTaskKeyboard(task: UserTaskDetail, reader: Reader, links: Links): Keyboard {
  if (task.status !== 'open') return [];
  const t = textsIn(reader.language).tasks;
  return [
    [
      ...(task.assignee ? [] : [{ text: t.take, callback_data: `take:${task.id}` }]),
      ...(task.needs_input ? [] : [{ text: t.done, callback_data: `done:${task.id}` }]),
      { text: t.open, url: links.task(task.id) },
    ],
  ];
}

function markOf({ status, assignee }: UserTaskDetail): string {
  if (status === 'completed') return '✅ ';
  if (status === 'cancelled') return '✖️ ';
  return assignee ? '👤 ' : '📋 ';
}

function appendOpen(builder: TextBuilder, task: UserTaskDetail, reader: Reader): void {
  const t = textsIn(reader.language).tasks;
  if (task.due_at !== null) {
    const late = Date.parse(task.due_at) < Date.now();
    appendMoment(builder.append(`\n${late ? t.overdue : t.due}: `), task.due_at, reader);
  }
  if (task.follow_up_at !== null && Date.parse(task.follow_up_at) > Date.now()) {
    appendMoment(builder.append(`\n${t.followUp}: `), task.follow_up_at, reader);
  }
  builder.append(`\n${task.assignee ? t.assignee(task.assignee.name) : t.free}`);
}

/** Clients that know `date_time` entities show the time in the zone of each reader; others show our words. */
function appendMoment(builder: TextBuilder, iso: string, reader: Reader): void {
  const offset = builder.text.length;
  const words = `${showMoment(iso, reader)}${reader.timeZone === 'UTC' ? ' UTC' : ''}`;
  builder.append(words);
  const unix_time = Math.floor(Date.parse(iso) / 1000);
  builder.entities.push({
    type: 'date_time',
    offset,
    length: words.length,
    unix_time,
    date_time_format: 'Dt',
  });
}

function endOf(task: UserTaskDetail, { language }: Reader): string {
  const t = textsIn(language).tasks;
  if (task.status === 'cancelled') return t.cancelled;
  return task.outcome ?? t.completed(task.completed_by?.name ?? null);
}
