// `npm start`: builds the Mini App when its sources changed, then runs the product with a bot token and the
// playground without one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runMain } from '../src/main.ts';
import { buildWebapp } from './build-webapp.ts';

const root = join(import.meta.dirname, '..');
const environmentFile = join(root, '.env');
if (existsSync(environmentFile)) process.loadEnvFile(environmentFile);

await buildWebapp({ logger: console });
if (process.env['BOT_TOKEN'] || process.env['NODE_ENV'] === 'production') {
  await runMain(process.env);
} else {
  const { runPlayground } = await import('../playground/start.ts');
  await runPlayground(process.env);
}
