import type { Message, RunAgentInput } from '@ag-ui/core';
import { RunAgentInputSchema } from '@ag-ui/core/schemas';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';

const clientId = z.string().min(1).max(200);

/** The protocol's own schema, with bounds: ids become keys here, histories are kept in memory while a run works. */
export const runInput = RunAgentInputSchema.extend({ threadId: clientId, runId: clientId }).meta({
  id: 'RunAgentInput',
});

/** UTF-16 units of the longest question. */
const maxQuestion = 16_000;
const maxMessages = 1_000;
const maxTools = 128;

/**
 * The text that the run answers: the last user message. After a tool of the client ran, the history ends with its
 * result; then the question is still the one before.
 * @throws AppError VALIDATION_ERROR when there is nothing to answer
 */
export function questionOf(input: RunAgentInput): string {
  const refuse = (path: string, message: string) => AppError.validation([{ path, message }]);
  if (input.messages.length > maxMessages) throw refuse('messages', `expected at most ${maxMessages}`);
  if ((input.tools?.length ?? 0) > maxTools) throw refuse('tools', `expected at most ${maxTools}`);
  if (input.resume !== undefined && input.resume.length > 0) {
    throw refuse('resume', 'this thread has no open interrupt');
  }
  const last = input.messages.at(-1);
  if (last?.role !== 'user' && last?.role !== 'tool') {
    throw refuse('messages', 'expected a user or tool message at the end');
  }
  const text = textOf(input.messages.findLast((message) => message.role === 'user')).trim();
  if (text === '') throw refuse('messages', 'expected a user message with text');
  if (text.length > maxQuestion) throw refuse('messages', `expected at most ${maxQuestion} characters`);
  return text;
}

/** Whether the client wants the run to end with its connection. */
export function endsWithConnection(input: RunAgentInput): boolean {
  const props: unknown = input.forwardedProps;
  return (
    typeof props === 'object' &&
    props !== null &&
    'cancel_on_disconnect' in props &&
    props.cancel_on_disconnect === true
  );
}

function textOf(message: Message | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
