import { EventType } from '@ag-ui/core';
import { type Agent, type AgentEvent, type AgentTask, sourcesEventName } from '#shared/agents/agent.ts';
import { AppError } from '#shared/errors.ts';

/**
 * Does what the question says: `fail` breaks off, `tool` uses a tool of its own, `client-tool` calls the client's
 * first tool, `flood` says a lot, `slow` speaks until it is stopped, anything else is said back word by word.
 */
export class ScriptedAgent implements Agent {
  readonly id = 'assistant';
  readonly tasks: AgentTask[] = [];
  /** Milliseconds between two words of `slow`. */
  pause = 10;

  describe() {
    return { id: this.id, name: 'Assistant', description: 'Says it back', icon: '🤖' };
  }

  async *run(task: AgentTask): AsyncGenerator<AgentEvent> {
    this.tasks.push(task);
    const question = task.messages.at(-1)?.content ?? '';
    const { messageId } = task;
    if (question === 'client-tool') {
      yield* call('call-1', task.clientTools[0]?.name ?? 'none', messageId);
      return;
    }
    if (question === 'tool') {
      yield* call('call-1', 'search', messageId);
      yield {
        type: EventType.TOOL_CALL_RESULT,
        messageId: `${messageId}-tool`,
        toolCallId: 'call-1',
        content: '3 found',
      };
    }
    yield { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' };
    for await (const delta of this.#words(question, task.signal)) {
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta };
    }
    if (question === 'fail') throw new AppError('UPSTREAM_UNAVAILABLE', 'The model went away.');
    yield { type: EventType.TEXT_MESSAGE_END, messageId };
    yield { type: EventType.CUSTOM, name: sourcesEventName, value: [] };
  }

  async *#words(question: string, signal: AbortSignal): AsyncGenerator<string> {
    if (question === 'flood') {
      for (let i = 0; i < 400; i += 1) yield 'x'.repeat(50_000);
      return;
    }
    if (question === 'slow') {
      while (!signal.aborted) {
        yield 'tick ';
        await new Promise((resolve) => setTimeout(resolve, this.pause));
      }
      return;
    }
    for (const word of question.split(' ')) yield `${word} `;
  }
}

function* call(toolCallId: string, toolCallName: string, parentMessageId: string): Generator<AgentEvent> {
  yield { type: EventType.TOOL_CALL_START, toolCallId, toolCallName, parentMessageId };
  yield { type: EventType.TOOL_CALL_ARGS, toolCallId, delta: '{"query":' };
  yield { type: EventType.TOOL_CALL_ARGS, toolCallId, delta: '"tea"}' };
  yield { type: EventType.TOOL_CALL_END, toolCallId };
}
