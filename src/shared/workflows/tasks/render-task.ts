import type { UserTaskDetail, UserTaskView } from '../../contracts/workflows.ts';
import type { Language } from '../../language.ts';
import type { ProcessModel, UserTask as UserTaskNode } from '../bpmn/process-model.ts';
import type { UserTask } from '../entities.ts';
import { renderTemplate, type Template } from '../expressions/template.ts';
import type { Variables } from '../expressions/value.ts';
import { type BuiltForm, buildForm } from '../forms/build-form.ts';
import type { Localized } from '../localized.ts';
import type { NameBook } from '../name-book.ts';
import { valuesInWords } from '../words.ts';
import { maySee, mayTake, mayWork, type Viewer } from './task-rights.ts';

export interface TaskView {
  task: UserTask;
  model: ProcessModel;
  /** Must know the starter, the assignee, who completed it, and the group. */
  names: NameBook;
  language: Language;
  /** Undefined: for everybody who sees its notice. */
  viewer: (Viewer & { assigneeLeft: boolean }) | undefined;
}

/** Throws ExpressionError when its texts cannot be made, which is tried once when the task is created. */
export function renderTask(view: TaskView): UserTaskView {
  const { task, model, names, language } = view;
  const node = taskNode(view);
  const open = task.status === 'open';
  return {
    id: task.id,
    name: inWords(view, node.name),
    description: inWords(view, node.description),
    status: task.status,
    process_id: task.processId,
    process_key: model.key,
    process_name: model.name[language],
    assignee: task.assigneeId === null ? null : names.person(task.assigneeId),
    group: task.groupId === null ? null : names.group(task.groupId),
    started_by: names.person(task.starterId),
    created_at: task.createdAt.toISOString(),
    due_at: task.dueAt?.toISOString() ?? null,
    follow_up_at: task.followUpAt?.toISOString() ?? null,
    completed_at: task.completedAt?.toISOString() ?? null,
    completed_by: task.completedById === null ? null : names.person(task.completedById),
    outcome: outcomeOf(view, node),
    can_claim: open && canClaim(view),
    can_complete: canComplete(view),
    needs_input: needsInput(node),
  };
}

export function renderTaskDetail(view: TaskView): UserTaskDetail {
  return { ...renderTask(view), form: taskForm(view, !canComplete(view)) };
}

export function taskForm(view: TaskView, readonly: boolean): BuiltForm {
  const node = taskNode(view);
  const { task, language } = view;
  return buildForm({
    id: task.id,
    title: inWords(view, node.name),
    description: inWords(view, node.description),
    fields: node.form,
    variables: textVariables(view),
    show: valuesInWords(view.model, variableNames(view), language),
    language,
    readonly,
  });
}

export function taskNode({ task, model }: Pick<TaskView, 'task' | 'model'>): UserTaskNode {
  const node = model.nodes.get(task.elementId);
  if (node?.kind !== 'userTask') throw new Error(`The user task ${task.elementId} is not in ${model.key}`);
  return node;
}

function canClaim({ task, viewer }: TaskView): boolean {
  if (!viewer) return task.assigneeId === null;
  return (task.assigneeId === null || viewer.assigneeLeft) && maySee(task, viewer) && mayTake(task, viewer);
}

function canComplete(view: TaskView): boolean {
  const { task, viewer } = view;
  if (task.status !== 'open') return false;
  return !viewer || mayWork(task, viewer) || canClaim(view);
}

function needsInput(node: UserTaskNode): boolean {
  const writable = node.form.filter(({ readonly }) => !readonly);
  const buttons = writable.filter(({ type }) => type === 'button');
  return buttons.length > 1 || writable.length > buttons.length;
}

function outcomeOf(view: TaskView, node: UserTaskNode): string | null {
  const { task, names, language } = view;
  if (task.status !== 'completed') return null;
  const button = node.form.find(({ name }) => name === task.action);
  const outcome = button?.outcome ?? node.outcome;
  if (outcome) return inWords(view, outcome);
  const who = task.completedById === null ? '' : names.person(task.completedById).name;
  if (button) return `${inWords(view, button.label)} (${who})`;
  return language === 'ru' ? `Выполнено: ${who}` : `Done by ${who}`;
}

function inWords(view: TaskView, template: Localized<Template>): string {
  const show = valuesInWords(view.model, variableNames(view), view.language);
  return renderTemplate(template[view.language], textVariables(view), show).trim();
}

/** `actor` is whoever completed the task, and exists in texts only. */
function textVariables({ task }: TaskView): Variables {
  return { ...task.variables, actor: task.completedById };
}

function variableNames({ task, model, names }: TaskView): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  if (model.start.initiator !== undefined)
    shown.set(model.start.initiator, names.person(task.starterId).name);
  if (task.groupId !== null) shown.set('group', names.group(task.groupId).title);
  if (task.completedById !== null) shown.set('actor', names.person(task.completedById).name);
  return shown;
}
