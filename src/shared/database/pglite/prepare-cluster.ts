// A thread that makes a new cluster and ends, because initdb takes a gigabyte that is not given back before.
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { startParameters } from './start-parameters.ts';
import { clusterTemplate } from './template.ts';
import { describeFailure, type ThreadFailure } from './thread-failure.ts';

export interface PrepareOptions {
  /** Where the cluster is to be; undefined only makes the template. */
  folder: string | undefined;
  /** Where the template is kept; undefined is the usual place. */
  templateFile: string | undefined;
}

export type PrepareReport = { status: 'done'; template: Uint8Array<ArrayBuffer> } | ThreadFailure;

const STAGING = 'staging-';

/** The cluster appears whole or not at all: it is made beside its place and renamed. */
async function makeCluster(folder: string, template: Uint8Array<ArrayBuffer>): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (name.startsWith(STAGING)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const staging = join(parent, `${STAGING}${process.pid}`);
  try {
    const database = await PGlite.create({
      dataDir: staging,
      loadDataDir: new Blob([template]),
      startParams: startParameters(),
    });
    await database.close();
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const template = await clusterTemplate(options.templateFile);
  if (options.folder !== undefined) await makeCluster(options.folder, template);
  return { status: 'done', template };
}

if (parentPort) {
  const port = parentPort;
  const report = (value: PrepareReport): void => port.postMessage(value);
  prepare(workerData as PrepareOptions).then(report, (error: unknown) => report(describeFailure(error)));
}
