import { newId } from '../../database/id.ts';
import { AppError } from '../../errors.ts';
import type { Language } from '../../language.ts';
import type {
  LanguageModel,
  ModelMessage,
  ModelPart,
  ModelTool,
  ModelToolCall,
  ModelUsage,
} from '../../models/language-model.ts';
import type { ModelRegistry } from '../../models/model-registry.ts';
import type { ToolResult } from '../../tools/tool.ts';
import type { ToolRegistry } from '../../tools/tool-registry.ts';
import type { Agent, AgentDescription, AgentEvent, AgentTask } from '../agent.ts';
import { AnswerWriter } from '../answer-writer.ts';
import { historyOf } from './history.ts';
import { renderSources, SourceList } from './source-list.ts';
import { systemPrompt } from './system-prompt.ts';

export interface LanguageModelAgentOptions {
  /** @default 'assistant' */
  id?: string;
  /** Answers of the model within one run; in the last one it has no tools. @default 8 */
  maxRounds?: number;
  /** Estimated tokens of the conversation that the model is told. @default 24_000 */
  historyTokens?: number;
  /** For tests. */
  now?: () => Date;
}

/** Tool calls of one model answer; more are a model gone wild. */
const maxCallsARound = 16;

/** The calls of one answer, and our ids by the provider's. */
interface Round {
  ids: Map<string, string>;
  calls: ModelToolCall[];
}

/** A language model with our tools. It streams what the model says, runs what it calls, and numbers what it finds. */
export class LanguageModelAgent implements Agent {
  readonly id: string;
  readonly #models: ModelRegistry;
  readonly #tools: ToolRegistry;
  readonly #maxRounds: number;
  readonly #historyTokens: number;
  readonly #now: () => Date;

  constructor(models: ModelRegistry, tools: ToolRegistry, options: LanguageModelAgentOptions = {}) {
    this.#models = models;
    this.#tools = tools;
    this.id = options.id ?? 'assistant';
    this.#maxRounds = options.maxRounds ?? 8;
    this.#historyTokens = options.historyTokens ?? 24_000;
    this.#now = options.now ?? (() => new Date());
  }

  describe(language: Language): AgentDescription {
    return {
      id: this.id,
      name: 'Concierge',
      description:
        language === 'ru'
          ? 'Отвечает с помощью языковой модели, ваших баз знаний и инструментов.'
          : 'Answers with a language model, your knowledge bases and tools.',
      icon: '🛎️',
    };
  }

  async *run(task: AgentTask): AsyncGenerator<AgentEvent> {
    const model = this.#models.find(task.model);
    if (!model) throw new AppError('UPSTREAM_UNAVAILABLE', 'No language model is configured.');
    const writer = new AnswerWriter(task.messageId);
    const usage: ModelUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      yield* this.#answer(task, model, writer, usage);
    } catch (error) {
      // What was said stays valid: its spans are closed before the run is ended.
      yield* writer.end();
      if (!task.signal.aborted) throw error;
    } finally {
      const name = model.id.slice(model.provider.length + 1);
      task.reportUsage({ ...usage, model: name, provider: model.provider });
    }
  }

  async *#answer(
    task: AgentTask,
    model: LanguageModel,
    writer: AnswerWriter,
    usage: ModelUsage,
  ): AsyncGenerator<AgentEvent> {
    const sources = new SourceList();
    const seenCalls = new Set<string>();
    const clientTools = new Set(
      task.clientTools.map((tool) => tool.name).filter((name) => !this.#tools.find(name)),
    );
    const messages: ModelMessage[] = [
      { role: 'system', content: systemPrompt(task.language, task.timeZone, this.#now()) },
      ...historyOf(task, this.#historyTokens),
    ];
    for (let count = 1; ; count++) {
      const tools = count < this.#maxRounds ? this.#declared(task) : [];
      const before = writer.written.length;
      const round: Round = { ids: new Map(), calls: [] };
      for await (const part of model.stream({ messages, tools, signal: task.signal })) {
        yield* this.#told(part, writer, usage, round, seenCalls);
      }
      yield* writer.end();
      if (round.calls.length === 0) break;

      const content = writer.written.slice(before).trim();
      messages.push({ role: 'assistant', content, toolCalls: round.calls });
      let handedOver = false;
      for (const call of round.calls) {
        // The client runs it and comes back with the result in its next run.
        if (clientTools.has(call.name)) {
          handedOver = true;
          continue;
        }
        const result = await this.#tools.invoke(call.name, call.arguments, {
          caller: task.caller,
          language: task.language,
          timeZone: task.timeZone,
          kbIds: task.kbIds,
          signal: task.signal,
        });
        const content = contentOf(result, sources);
        yield* writer.toolResult(call.id, content, { failed: result.status === 'error' });
        messages.push({ role: 'tool', callId: call.id, name: call.name, content });
      }
      if (handedOver) {
        if (writer.written) yield* writer.sources(sources.citedIn(writer.written));
        return;
      }
      if (count >= this.#maxRounds) break;
    }
    if (writer.written.trim() === '') {
      throw new AppError('UPSTREAM_UNAVAILABLE', 'The language model gave no answer. Please ask again.');
    }
    yield* writer.sources(sources.citedIn(writer.written));
  }

  *#told(
    part: ModelPart,
    writer: AnswerWriter,
    usage: ModelUsage,
    round: Round,
    seenCalls: Set<string>,
  ): Generator<AgentEvent> {
    switch (part.type) {
      case 'text':
        yield* writer.text(part.delta);
        break;
      case 'reasoning':
        yield* writer.reasoning(part.delta);
        break;
      case 'tool-call-start': {
        if (round.ids.size >= maxCallsARound) break;
        // Some providers count their calls from zero in every answer.
        const id = part.id === '' || seenCalls.has(part.id) ? newId() : part.id;
        seenCalls.add(id);
        round.ids.set(part.id, id);
        yield* writer.toolStart(id, part.name);
        break;
      }
      case 'tool-call-delta': {
        const id = round.ids.get(part.id);
        if (id !== undefined) yield* writer.toolArguments(id, part.delta);
        break;
      }
      case 'tool-call-end': {
        const id = round.ids.get(part.id);
        if (id === undefined) break;
        round.calls.push({ id, name: part.name, arguments: part.arguments });
        yield* writer.toolEnd(id);
        break;
      }
      case 'finish':
        usage.inputTokens += part.usage.inputTokens;
        usage.outputTokens += part.usage.outputTokens;
        break;
    }
  }

  /** The client's tools never replace ours. */
  #declared(task: AgentTask): ModelTool[] {
    const theirs = task.clientTools
      .filter((tool) => !this.#tools.find(tool.name))
      .map(({ name, description, parameters }) => ({
        name,
        description,
        parameters: isSchema(parameters) ? parameters : { type: 'object', properties: {} },
      }));
    return [...this.#tools.declarations(), ...theirs];
  }
}

function contentOf(result: ToolResult, sources: SourceList): string {
  if (result.status === 'error') return `Error: ${result.message}`;
  return result.sources?.length ? renderSources(sources.add(result.sources)) : result.content;
}

function isSchema(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
