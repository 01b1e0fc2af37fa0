import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import type { ProcessModel } from './bpmn/process-model.ts';
import { readProcess } from './bpmn/read-process.ts';
import { type ProcessDefinition, ProcessDefinitionEntity } from './entities.ts';

export interface DeployedProcess {
  readonly definitionId: string;
  readonly version: number;
  readonly model: ProcessModel;
}

/** Models that are kept read. Reading one takes some milliseconds; old versions fall out first. */
const cachedModels = 100;
/** Other instances may deploy at the same moment, each taking one version number. */
const deployAttempts = 20;

/** The deployed processes and their versions. */
export class ProcessDefinitions {
  readonly #database: Database;
  /** Rows never change, so models stay right for ever. Oldest use first. */
  readonly #models = new Map<string, DeployedProcess>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Deploys every BPMN file of a folder. Does nothing for those that are deployed already. */
  async deployFolder(folder: string): Promise<void> {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.bpmn')).sort();
    for (const file of files) await this.deploy(await readFile(join(folder, file), 'utf8'));
  }

  /**
   * Makes an XML that differs from the latest version of its process the next version; running instances stay on
   * theirs. Any number of callers at once deploy it once. Throws VALIDATION_ERROR with the elements that are refused.
   */
  async deploy(xml: string): Promise<DeployedProcess> {
    const { key } = await readProcess(xml);
    const xmlHash = createHash('sha256').update(xml).digest('hex');
    for (let attempt = 0; attempt < deployAttempts; attempt++) {
      const latest = await this.#database.em.findOne(
        ProcessDefinitionEntity,
        { key },
        { orderBy: { version: 'desc' } },
      );
      if (latest?.xmlHash === xmlHash) return this.#deployed(latest);
      // Whoever takes the number first wins; the others look again and find their own XML, or take the next number.
      await this.#database.query(
        `insert into process_definitions (id, key, version, xml_hash, xml, created_at)
         values ($1, $2, $3, $4, $5, now()) on conflict (key, version) do nothing`,
        [newId(), key, (latest?.version ?? 0) + 1, xmlHash, xml],
      );
    }
    throw new Error(`The process ${key} could not be deployed: others deploy it all the time`);
  }

  /** The newest version of every process, by key. */
  async latest(): Promise<DeployedProcess[]> {
    const rows = await this.#database.query<{ id: string }>(
      'select distinct on (key) id from process_definitions order by key, version desc',
    );
    const models = await this.byIds(rows.map(({ id }) => id));
    return rows.flatMap(({ id }) => models.get(id) ?? []);
  }

  async byIds(ids: readonly string[]): Promise<ReadonlyMap<string, DeployedProcess>> {
    const wanted = [...new Set(ids)];
    const found = new Map<string, DeployedProcess>();
    for (const id of wanted) {
      const model = this.#models.get(id);
      if (model) found.set(id, this.#remember(model));
    }
    const missing = wanted.filter((id) => !found.has(id));
    if (missing.length > 0) {
      const rows = await this.#database.em.find(ProcessDefinitionEntity, { id: { $in: missing } });
      for (const row of rows) found.set(row.id, await this.#deployed(row));
    }
    return found;
  }

  async byId(id: string): Promise<DeployedProcess> {
    const model = (await this.byIds([id])).get(id);
    if (!model) throw new Error(`The process definition ${id} is gone while something needs it`);
    return model;
  }

  async #deployed(row: ProcessDefinition): Promise<DeployedProcess> {
    return this.#remember({
      definitionId: row.id,
      version: row.version,
      model: await readProcess(row.xml),
    });
  }

  #remember(deployed: DeployedProcess): DeployedProcess {
    this.#models.delete(deployed.definitionId);
    this.#models.set(deployed.definitionId, deployed);
    const [oldest] = this.#models.keys();
    if (this.#models.size > cachedModels && oldest !== undefined) this.#models.delete(oldest);
    return deployed;
  }
}
