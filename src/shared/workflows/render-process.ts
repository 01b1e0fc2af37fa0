import type { ProcessInstanceView } from '../contracts/workflows.ts';
import type { Language } from '../language.ts';
import type { ProcessModel } from './bpmn/process-model.ts';
import type { ProcessInstance } from './entities.ts';
import { renderTemplate } from './expressions/template.ts';
import type { NameBook } from './name-book.ts';
import { valuesInWords } from './words.ts';

/** `waitingFor`: its open tasks in words. */
export function renderProcess(input: {
  process: ProcessInstance;
  model: ProcessModel;
  waitingFor: string[];
  names: NameBook;
  language: Language;
}): ProcessInstanceView {
  const { process, model, language } = input;
  return {
    id: process.id,
    key: model.key,
    name: model.name[language],
    status: process.status,
    started_at: process.startedAt.toISOString(),
    ended_at: process.endedAt?.toISOString() ?? null,
    waiting_for: input.waitingFor,
    outcome: outcomeOf(input),
  };
}

function outcomeOf({ process, model, names, language }: Parameters<typeof renderProcess>[0]): string | null {
  const end = process.state.endId === null ? undefined : model.nodes.get(process.state.endId);
  if (!end) return null;
  const shown = new Map<string, string>();
  if (model.start.initiator !== undefined) {
    shown.set(model.start.initiator, names.person(process.startedById).name);
  }
  if (process.groupId !== null) shown.set('group', names.group(process.groupId).title);
  const template = (end.outcome ?? end.name)[language];
  return renderTemplate(template, process.state.variables, valuesInWords(model, shown, language));
}
