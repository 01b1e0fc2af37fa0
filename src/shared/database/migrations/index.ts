import type { SqlMigration } from '../migrate.ts';
import { botState } from './2026-11-21-bot-state.ts';
import { core } from './2026-11-21-core.ts';
import { knowledge } from './2026-11-21-knowledge.ts';
import { telegram } from './2026-11-21-telegram.ts';
import { workflows } from './2026-11-21-workflows.ts';

/** All steps, oldest first. A new one is a file beside this, `<date>-<subject>.ts`, and a line at the end here. */
export const migrations: readonly SqlMigration[] = [core, knowledge, workflows, telegram, botState];
