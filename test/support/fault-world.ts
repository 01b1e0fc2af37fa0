// The app with a Telegram and a language model of the test's own, to be ended in bad moments and started again on the
// same data.

import { ApiClient } from './api-client.ts';
import { type App, type StartOptions, startApp, temporaryFolder } from './app.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';
import { freshStorage } from './storage.ts';
import { startTelegram, type Telegram } from './telegram.ts';

/** A process that is gone is known by its silence only where others share its data: the tests wait that long. */
export const takeOverMs = process.env['TEST_REDIS_URL'] ? 75_000 : 15_000;

export interface FaultWorld {
  telegram: Telegram;
  model: ScriptedModel;
  /** The process that runs now. */
  readonly app: App;
  /** Starts it again, on the same port with the same data. */
  startAgain(environment?: Record<string, string>): Promise<App>;
  api(person: 'ann' | 'bob'): ApiClient;
  close(): Promise<void>;
}

export async function startFaultWorld(options: Partial<StartOptions> = {}): Promise<FaultWorld> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    const folder = await temporaryFolder();
    closing.push(() => folder.remove());
    const storage = await freshStorage();
    closing.push(() => storage.remove());
    const telegram = await startTelegram();
    closing.push(() => telegram.close());
    const model = await startScriptedModel();
    closing.push(() => model.close());
    const start = (port: number | undefined, more: Record<string, string> = {}) =>
      startApp({
        dataDir: folder.path,
        ...options,
        ...(port === undefined ? {} : { port }),
        environment: {
          ...storage.environment,
          ...telegram.environment,
          ...model.environment,
          ...options.environment,
          ...more,
        },
      });
    let app = await start(undefined);
    closing.push(() => app.kill());
    return {
      telegram,
      model,
      get app() {
        return app;
      },
      startAgain: async (environment) => {
        app = await start(app.port, environment);
        return app;
      },
      api: (person) => new ApiClient(app.url, telegram[person].signInitData()),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
