// The knowledge bases that the playground begins with: their descriptions here, their documents as Markdown beside.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Category } from '#shared/contracts/knowledge.ts';
import type { DocumentInput, KnowledgeWriter } from '#shared/knowledge/knowledge-writer.ts';
import { type Language, languages } from '#shared/language.ts';

export interface DemoBase {
  /** Stable: seeding finds the base again by it. */
  key: string;
  name: string;
  description: string;
  icon: string;
  /** Of a private one everybody among the demo's members is made a member. */
  visibility: 'public' | 'private';
  /** Of most documents; some are in other languages. */
  language: Language;
  categories: Category[];
  tags: string[];
  featured: boolean;
  verified: boolean;
  documents: DemoDocument[];
}

export interface DemoDocument extends Required<DocumentInput> {
  format: 'markdown';
}

const folder = join(import.meta.dirname, 'knowledge');

const bases: Record<string, Omit<DemoBase, 'key' | 'documents'>> = {
  concierge: {
    name: 'Concierge',
    description:
      'What Concierge does and how to use and run it: commands, groups, knowledge bases, tasks, privacy.',
    icon: '🛎️',
    visibility: 'public',
    language: 'en',
    categories: ['tech', 'education'],
    tags: ['help', 'assistant', 'помощь'],
    featured: true,
    verified: true,
  },
  'telegram-mini-apps': {
    name: 'Telegram Mini Apps',
    description: 'For developers: launching, initData, buttons, themes, storage and testing of Mini Apps.',
    icon: '📱',
    visibility: 'public',
    language: 'en',
    categories: ['tech', 'web3'],
    tags: ['telegram', 'mini apps', 'development'],
    featured: true,
    verified: false,
  },
  bpmn: {
    name: 'BPMN',
    description:
      'Modelling processes with BPMN 2.0: gateways, events, tasks, sub-processes, and how to draw well.',
    icon: '🔀',
    visibility: 'public',
    language: 'en',
    categories: ['business', 'education'],
    tags: ['processes', 'workflow', 'modelling'],
    featured: false,
    verified: false,
  },
  'team-handbook': {
    name: 'Team handbook',
    description:
      'How we work: office, expenses, holidays, remote work, security and meetings. For the team only.',
    icon: '📓',
    visibility: 'private',
    language: 'en',
    categories: ['business'],
    tags: ['team', 'policies', 'команда'],
    featured: false,
    verified: false,
  },
};

/**
 * Reads the files now, so that what was edited since is seen. An `id` may be there once in a base.
 * @throws Error that names the file whose front matter is not as it should be
 */
export function demoKnowledge(): readonly DemoBase[] {
  return Object.entries(bases).map(([name, base]) => ({
    ...base,
    key: `demo:${name}`,
    documents: readDocuments(name),
  }));
}

/**
 * Makes the demo's knowledge bases or brings them up to date; twice is like once. A document whose file was removed
 * stays: people may have linked to it.
 */
export async function seedKnowledge(
  writer: KnowledgeWriter,
  people: { ownerId: string; memberIds: readonly string[] },
): Promise<void> {
  for (const { documents, ...base } of demoKnowledge()) {
    const { id } = await writer.createBase({ ...base, ownerId: people.ownerId });
    for (const document of documents) await writer.addDocument(id, document);
    if (base.visibility !== 'private') continue;
    for (const personId of people.memberIds) {
      if (personId !== people.ownerId) await writer.addMember(id, personId);
    }
  }
}

function readDocuments(base: string): DemoDocument[] {
  const fileOf = new Map<string, string>();
  return readdirSync(join(folder, base))
    .filter((file) => file.endsWith('.md'))
    .toSorted()
    .map((file) => {
      const name = `${base}/${file}`;
      const document = readDocument(readFileSync(join(folder, name), 'utf8'), name);
      const other = fileOf.get(document.externalId);
      if (other) throw new Error(`${name} has the id of ${other}.`);
      fileOf.set(document.externalId, name);
      return document;
    });
}

const fieldNames = ['id', 'title', 'language', 'link', 'sender', 'date'] as const;

/** Markdown after a front matter of `name: value` lines, without quotes, lists or nesting. */
export function readDocument(text: string, name: string): DemoDocument {
  const match = /^---\n(?<head>[\s\S]*?)\n---\n(?<content>[\s\S]+)$/.exec(text.replaceAll('\r\n', '\n'));
  const fields: Partial<Record<(typeof fieldNames)[number], string>> = {};
  for (const line of match?.groups?.['head']?.split('\n') ?? []) {
    const [, written, value] = /^([a-z]+): +(\S.*?)\s*$/.exec(line) ?? [];
    const field = fieldNames.find((known) => known === written);
    if (!field || !value || fields[field]) {
      throw new Error(`${name}: “${line}” is not one of ${fieldNames.join(', ')} with a value, each once.`);
    }
    fields[field] = value;
  }
  const { id: externalId, title, language, link, sender, date } = fields;
  const content = match?.groups?.['content']?.trim();
  if (!externalId || !title || !content)
    throw new Error(`${name} needs a front matter with id and title, and a text.`);
  if (language && !languages.some((known) => known === language))
    throw new Error(`${name}: the language is one of ${languages.join(', ')}.`);
  if (link && !(URL.canParse(link) && link.startsWith('https://')))
    throw new Error(`${name}: the link begins with https://.`);
  return {
    externalId,
    title,
    content,
    format: 'markdown',
    link: link ?? null,
    sender: sender ?? null,
    date: date ? day(date, name) : null,
  };
}

/** Compared with what was written, as a 31st of June would become the 1st of July. */
function day(written: string, name: string): Date {
  const date = new Date(`${written}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== written)
    throw new Error(`${name}: the date is a day such as 2026-11-21.`);
  return date;
}
