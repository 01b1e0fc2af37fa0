// Every setting, once: its type, default and meaning. `.env.example` is generated from this file.
import { isIP } from 'node:net';
import { z } from 'zod';

/** What is said of a variable, beside its type. */
interface Meaning {
  description: string;
  /** What a good value looks like, for `.env.example` and for error messages. */
  expected: string;
  group: string;
  /** Never shown: not in logs, errors or anywhere else. */
  secret?: boolean;
}

const httpUrl = z
  .string()
  .refine((value) => /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value))
  .transform((value) => value.replace(/\/+$/, ''));
const list = z
  .string()
  .transform((value) => value.split(',').map((item) => item.trim()))
  .transform((items) => items.filter((item) => item !== ''));
const secret = z.string().min(32);

/** An IP address, or a range in CIDR notation. */
function isAddressOrRange(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  if (version === 0 || text.split('/').length > 2) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const server = { group: 'Server' };
const storage = { group: 'Storage' };
const telegram = { group: 'Telegram' };
const secrets = { group: 'Secrets', secret: true };
const models = { group: 'Language models (none: the built-in offline assistant answers)' };
const access = { group: 'Access' };

export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .meta({
      ...server,
      description: 'In production nothing is made up: secrets must be given, cookies are Secure',
      expected: 'development, production or test',
    }),
  ROLE: z
    .enum(['all', 'api', 'bot', 'worker'])
    .default('all')
    .meta({
      ...server,
      description: 'What this process does; several processes share PostgreSQL and Redis',
      expected: 'all, api, bot or worker',
    }),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .meta({
      ...server,
      description: 'Port of the API, the Mini App and the playground page',
      expected: 'a port number from 0 to 65535',
    }),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({
      ...server,
      description: 'Address to listen on; 0.0.0.0 in a container',
      expected: 'an IP address or host name',
    }),
  PUBLIC_URL: httpUrl.optional().meta({
    ...server,
    description: 'Where Telegram and browsers reach this service; default http://localhost:PORT',
    expected: 'an address such as https://concierge.example.org',
  }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({
      ...server,
      description: 'Least severe level that is logged',
      expected: 'fatal, error, warn, info, debug, trace or silent',
    }),
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data')
    .meta({
      ...storage,
      description: 'Folder of the embedded database and of what is kept on this machine',
      expected: 'a folder that can be written',
    }),
  DATABASE_URL: z
    .string()
    .refine((value) => /^postgres(ql)?:\/\/[^\s]+$/.test(value))
    .optional()
    .meta({
      ...storage,
      secret: true,
      description: 'PostgreSQL; without it an embedded database in DATA_DIR serves one process',
      expected: 'postgresql://user:password@host:5432/database',
    }),
  REDIS_URL: z
    .string()
    .refine((value) => /^rediss?:\/\/[^\s]+$/.test(value))
    .optional()
    .meta({
      ...storage,
      secret: true,
      description: 'Redis for sessions, limits and live events; without it they live in this process',
      expected: 'redis://host:6379',
    }),
  BOT_TOKEN: z
    .string()
    .regex(/^\d{3,}:[A-Za-z0-9_-]{20,}$/)
    .optional()
    .meta({
      ...telegram,
      secret: true,
      description: 'Token from @BotFather; without it `npm start` opens the playground',
      expected: 'a token as @BotFather gives it: digits, a colon, letters',
    }),
  BOT_API_ROOT: httpUrl.default('https://api.telegram.org').meta({
    ...telegram,
    description: 'Bot API server',
    expected: 'an address such as https://api.telegram.org',
  }),
  BOT_MODE: z
    .enum(['polling', 'webhook'])
    .default('polling')
    .meta({
      ...telegram,
      description: 'How updates arrive: polling by one process, or a webhook at PUBLIC_URL/telegram/webhook',
      expected: 'polling or webhook',
    }),
  BOT_WEBHOOK_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{32,256}$/)
    .optional()
    .meta({
      ...secrets,
      description: 'Proves that a webhook call comes from Telegram; needed when BOT_MODE=webhook',
      expected: '32 to 256 letters, digits, _ or -',
    }),
  MINI_APP_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_]{3,30}$/)
    .optional()
    .meta({
      ...telegram,
      description: 'Short name of the Mini App as registered with @BotFather, for links in groups',
      expected: '3 to 30 letters, digits or _',
    }),
  INIT_DATA_MAX_AGE: z.coerce
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(300)
    .meta({
      ...telegram,
      description: 'Seconds for which the Mini App launch data is accepted',
      expected: 'seconds from 10 to 86400',
    }),
  JWT_SECRET: secret.optional().meta({
    ...secrets,
    description: 'Signs access tokens; made and kept in DATA_DIR unless NODE_ENV=production',
    expected: 'at least 32 random characters',
  }),
  GATEWAY__INTERNAL_API_KEY: secret.optional().meta({
    ...secrets,
    description: 'Lets other services read /metrics; without it only this machine may',
    expected: 'at least 32 random characters',
  }),
  OPENAI_API_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({
      ...models,
      secret: true,
      description: 'Key for OPENAI_BASE_URL; the provider is called openai',
      expected: 'the key as the provider gives it',
    }),
  OPENAI_BASE_URL: httpUrl.optional().meta({
    ...models,
    description: 'Any OpenAI-compatible endpoint; default https://api.openai.com/v1',
    expected: 'an address such as http://localhost:11434/v1',
  }),
  OPENROUTER_API_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({
      ...models,
      secret: true,
      description: 'OpenRouter; the provider is called openrouter',
      expected: 'the key as the provider gives it',
    }),
  TOGETHER_API_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({
      ...models,
      secret: true,
      description: 'Together; the provider is called together',
      expected: 'the key as the provider gives it',
    }),
  OLLAMA_URL: httpUrl.optional().meta({
    ...models,
    description: 'Ollama; the provider is called ollama',
    expected: 'an address such as http://localhost:11434',
  }),
  DEFAULT_MODEL: z
    .string()
    .regex(/^[a-z0-9_-]+:.+$/)
    .optional()
    .meta({
      ...models,
      description: 'Model that answers by default; needed as soon as a provider is configured',
      expected: '<provider>:<model>, such as openai:gpt-5-mini',
    }),
  ALLOWED_ORIGINS: list.default([]).meta({
    ...access,
    description: 'Other web origins that may call the API from a browser, separated by commas',
    expected: 'origins such as https://app.example.org, separated by commas',
  }),
  TRUSTED_PROXIES: list
    .refine((addresses) => addresses.every(isAddressOrRange))
    .default([])
    .meta({
      ...access,
      description: 'Addresses of proxies whose X-Forwarded-For is believed, separated by commas',
      expected: 'IP addresses or ranges such as 10.0.0.0/8, separated by commas',
    }),
});

export type VariableName = keyof typeof environmentSchema.shape;

export function meaningOf(name: VariableName): Meaning {
  const { description = '', expected, group, secret } = environmentSchema.shape[name].meta() ?? {};
  return { description, expected: String(expected), group: String(group), secret: secret === true };
}

export type Environment = z.infer<typeof environmentSchema>;
