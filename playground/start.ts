// The product together with a Telegram of its own, for a machine without a bot token. Never part of production.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { startConcierge } from '../src/concierge.ts';
import { runUntilStopped } from '../src/main.ts';
import { keptSecret } from '../src/shared/config/kept-secret.ts';
import { loadConfig } from '../src/shared/config/load-config.ts';
import { seedDemo } from './demo/seed.ts';
import { listenPlayground, Playground } from './telegram.ts';

const miniAppName = 'app';

export async function runPlayground(environment: NodeJS.ProcessEnv): Promise<void> {
  await runUntilStopped(async () => {
    const config = loadConfig(environment);
    const token = `700000000:${keptSecret(config.DATA_DIR, 'playground-bot')}`;
    const playground = new Playground({
      token,
      miniAppName,
      miniAppUrl: `${config.PUBLIC_URL}/app/`,
      stateFile: join(config.DATA_DIR, 'playground.json'),
    });
    const botApi = await listenPlayground(playground, { port: 0 });
    const concierge = await startConcierge(
      {
        ...config,
        BOT_TOKEN: token,
        BOT_API_ROOT: botApi.url,
        BOT_MODE: 'polling',
        MINI_APP_NAME: miniAppName,
      },
      { extra: (req, res) => toPublicAddress(config.PUBLIC_URL, req, res) || playground.handle(req, res) },
    );
    await seedDemo(playground, concierge);
    console.log(`\nConcierge is ready. Open ${config.PUBLIC_URL}/playground\n`);
    return {
      async close() {
        await concierge.close();
        await botApi.close();
      },
    };
  });
}

/**
 * The page and the Mini App in its frame must have one origin, so whoever opens the page by another name of this
 * machine, such as 127.0.0.1, is sent to the one that Telegram would know.
 */
function toPublicAddress(publicUrl: string, req: IncomingMessage, res: ServerResponse): boolean {
  const wanted = new URL(publicUrl);
  const isPage = req.method === 'GET' && /^\/playground\/?(\?|$)/.test(req.url ?? '');
  if (!isPage || req.headers.host === wanted.host) return false;
  res.writeHead(302, { location: `${wanted.origin}${req.url}` }).end();
  return true;
}
