import { setTimeout as sleep } from 'node:timers/promises';
import { searchAnswer } from '../../contracts/knowledge.ts';
import type { Source } from '../../contracts/threads.ts';
import { newId } from '../../database/id.ts';
import type { Language } from '../../language.ts';
import type { ToolResult } from '../../tools/tool.ts';
import type { ToolRegistry } from '../../tools/tool-registry.ts';
import type { Agent, AgentDescription, AgentEvent, AgentTask, ConversationMessage } from '../agent.ts';
import { AnswerWriter } from '../answer-writer.ts';
import { type Intent, intentOf, languageOf } from './intent.ts';
import { quotationsOf, renderQuotations } from './quotations.ts';
import { type OfflineTexts, offlineTexts } from './texts.ts';

export interface OfflineAssistantOptions {
  /** @default 'assistant' */
  id?: string;
  /** Milliseconds between two words of an answer, so that it can be read while it comes. @default 20 */
  wordDelayMs?: number;
}

/** What is said, and the sources that it refers to. */
interface Reply {
  text: string;
  sources?: readonly Source[];
}

const hitsToRead = 10;

/**
 * Answers without a language model: looks passages up and quotes them, calculates and tells the time by rule, and
 * says what it is. Nothing that a document says is ever acted upon.
 */
export class OfflineAssistant implements Agent {
  readonly id: string;
  readonly #tools: ToolRegistry;
  readonly #wordDelayMs: number;

  constructor(tools: ToolRegistry, options: OfflineAssistantOptions = {}) {
    this.#tools = tools;
    this.id = options.id ?? 'assistant';
    this.#wordDelayMs = options.wordDelayMs ?? 20;
  }

  describe(language: Language): AgentDescription {
    const { name, description } = offlineTexts[language];
    return { id: this.id, name, description, icon: '🛎️' };
  }

  async *run(task: AgentTask): AsyncGenerator<AgentEvent> {
    const writer = new AnswerWriter(task.messageId);
    const question = task.messages.at(-1)?.content ?? '';
    const language = languageOf(question, task.language);
    const reply = yield* this.#reply(task, writer, intentOf(question), language);
    const words = reply.text.match(/\s*\S+/g) ?? [];
    for (const [i, word] of words.entries()) {
      if (i > 0) await this.#pause(task.signal);
      if (task.signal.aborted) break;
      yield* writer.text(word);
    }
    yield* writer.end();
    if (reply.sources) yield* writer.sources(reply.sources);
    task.reportUsage({ inputTokens: 0, outputTokens: 0 });
  }

  async *#reply(
    task: AgentTask,
    writer: AnswerWriter,
    intent: Intent,
    language: Language,
  ): AsyncGenerator<AgentEvent, Reply> {
    const texts = offlineTexts[language];
    switch (intent.kind) {
      case 'greeting':
        return { text: texts.greeting(firstNameOf(task)) };
      case 'thanks':
      case 'farewell':
      case 'help':
      case 'identity':
      case 'empty':
        return { text: texts[intent.kind] };
      case 'calculation': {
        const result = yield* this.#use(task, writer, language, 'calculator', {
          expression: intent.expression,
        });
        if (result.status === 'error') return { text: texts.toolFailed(result.message) };
        return { text: texts.calculated(readable(intent.expression), displayOf(result)) };
      }
      case 'time': {
        const result = yield* this.#use(task, writer, language, 'time', {
          ...(intent.place === undefined ? {} : { place: intent.place }),
          ...(intent.compareWith === undefined ? {} : { compare_with: intent.compareWith }),
        });
        return { text: result.status === 'ok' ? result.content : texts.toolFailed(result.message) };
      }
      case 'question':
        return yield* this.#lookUp(task, writer, queryOf(task.messages, intent), language, texts);
    }
  }

  async *#lookUp(
    task: AgentTask,
    writer: AnswerWriter,
    query: string,
    language: Language,
    texts: OfflineTexts,
  ): AsyncGenerator<AgentEvent, Reply> {
    const result = yield* this.#use(task, writer, language, 'search_knowledge_base', {
      query,
      max_results: hitsToRead,
    });
    if (result.status === 'error') return { text: texts.searchFailed(result.message) };
    const answer = searchAnswer.safeParse(result.data);
    const hits = answer.success ? answer.data.results : [];
    const { quotations, exact } = quotationsOf(hits, query, language);
    const [first] = quotations;
    if (!first) return { text: texts.nothingFound };
    const several = quotations.some((one) => one.source.kb_id !== first.source.kb_id);
    const lead = !exact
      ? texts.closest
      : several
        ? texts.foundInSeveral
        : texts.foundIn(first.source.kb_name);
    return {
      text: `${lead}\n\n${renderQuotations(quotations)}`,
      sources: quotations.map((one) => one.source),
    };
  }

  async *#use(
    task: AgentTask,
    writer: AnswerWriter,
    language: Language,
    name: string,
    input: object,
  ): AsyncGenerator<AgentEvent, ToolResult> {
    const callId = newId();
    yield* writer.toolStart(callId, name);
    yield* writer.toolArguments(callId, JSON.stringify(input));
    yield* writer.toolEnd(callId);
    const result = await this.#tools.invoke(name, input, {
      caller: task.caller,
      language,
      timeZone: task.timeZone,
      kbIds: task.kbIds,
      signal: task.signal,
    });
    yield* writer.toolResult(callId, result.status === 'ok' ? result.content : result.message, {
      failed: result.status === 'error',
    });
    return result;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#wordDelayMs <= 0 || signal.aborted) return;
    await sleep(this.#wordDelayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** "And for groups?" is asked together with the question before it. */
function queryOf(
  messages: readonly ConversationMessage[],
  intent: Extract<Intent, { kind: 'question' }>,
): string {
  if (!intent.followsUp) return intent.query;
  const before = messages
    .slice(0, -1)
    .findLast((message) => message.role === 'user' && intentOf(message.content).kind === 'question');
  return before ? `${intent.query} ${before.content}`.slice(0, 500) : intent.query;
}

function firstNameOf(task: AgentTask): string | undefined {
  return task.caller.kind === 'person' ? task.caller.displayName.trim().split(/\s+/)[0] : undefined;
}

function displayOf(result: Extract<ToolResult, { status: 'ok' }>): string {
  const { data } = result;
  return typeof data === 'object' && data !== null && 'display' in data
    ? String(data.display)
    : result.content;
}

/** An asterisk would be taken for emphasis. */
function readable(expression: string): string {
  return expression.replaceAll('**', '^').replaceAll('*', '×');
}
