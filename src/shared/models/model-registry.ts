import type { LanguageModel } from './language-model.ts';
import { OpenAiCompatibleModel } from './openai-compatible-model.ts';

export interface ProviderConfig {
  /** With the version: `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  /** Models to offer. One that is not listed can still be asked for by name. */
  models?: readonly string[] | undefined;
}

export interface ModelsConfig {
  openai?:
    | { apiKey: string; baseUrl?: string | undefined; models?: readonly string[] | undefined }
    | undefined;
  /** Anything else that speaks OpenAI's chat completions: OpenRouter, Together, Ollama, vLLM … */
  providers?: Readonly<Record<string, ProviderConfig>> | undefined;
  /** `<provider>:<model>`, or a model of the first provider. @default the first provider's first model */
  defaultModel?: string | undefined;
}

export type ModelFactory = (provider: string, config: ProviderConfig, model: string) => LanguageModel;

const openAiUrl = 'https://api.openai.com/v1';
const openAiModels = ['gpt-4.1-mini', 'gpt-4.1'];
/** Models that were asked for by name are kept; a client that makes names up must not fill the memory. */
const maxKept = 100;

const openAiCompatible: ModelFactory = (provider, config, model) =>
  new OpenAiCompatibleModel({ provider, model, baseUrl: config.baseUrl, apiKey: config.apiKey });

/** The configured language models by their ids. With no provider it is empty and everything is undefined. */
export class ModelRegistry {
  readonly #providers: ReadonlyMap<string, ProviderConfig>;
  readonly #make: ModelFactory;
  readonly #kept = new Map<string, LanguageModel>();
  readonly defaultId: string | undefined;

  constructor(config: ModelsConfig, make: ModelFactory = openAiCompatible) {
    const providers = new Map<string, ProviderConfig>();
    if (config.openai) {
      const {
        apiKey,
        baseUrl = openAiUrl,
        models = baseUrl === openAiUrl ? openAiModels : [],
      } = config.openai;
      providers.set('openai', { apiKey, baseUrl, models });
    }
    for (const [name, provider] of Object.entries(config.providers ?? {})) providers.set(name, provider);
    this.#providers = providers;
    this.#make = make;
    this.defaultId = config.defaultModel ? this.#fullId(config.defaultModel) : this.list()[0];
  }

  providers(): string[] {
    return [...this.#providers.keys()];
  }

  /** Ids of the offered models, the default one first. */
  list(): string[] {
    const ids = [...this.#providers].flatMap(([name, config]) =>
      (config.models ?? []).map((model) => `${name}:${model}`),
    );
    return [...new Set(this.defaultId === undefined ? ids : [this.defaultId, ...ids])];
  }

  /**
   * The model of an id; without one the default. A prefix counts only when it names a registered provider, so
   * `llama3:8b` is a whole name, of the default's provider. Undefined when no provider is configured.
   */
  find(id: string | undefined = this.defaultId): LanguageModel | undefined {
    const fullId = id === undefined ? undefined : this.#fullId(id);
    if (fullId === undefined) return undefined;
    const known = this.#kept.get(fullId);
    if (known) return known;
    const colon = fullId.indexOf(':');
    const provider = fullId.slice(0, colon);
    const config = this.#providers.get(provider);
    if (!config) return undefined;
    const model = this.#make(provider, config, fullId.slice(colon + 1));
    if (this.#kept.size < maxKept) this.#kept.set(fullId, model);
    return model;
  }

  #fullId(id: string): string | undefined {
    const colon = id.indexOf(':');
    if (colon > 0 && colon < id.length - 1 && this.#providers.has(id.slice(0, colon))) return id;
    const provider = this.defaultId?.slice(0, this.defaultId.indexOf(':')) ?? this.providers()[0];
    return provider === undefined || id === '' ? undefined : `${provider}:${id}`;
  }
}
