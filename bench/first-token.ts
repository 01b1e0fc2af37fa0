// From sending a question on the Mini App's socket to the first word of the offline assistant's answer.
import { WebSocket } from 'ws';
import { startApp, temporaryFolder } from '../test/support/app.ts';
import type { Figure } from './run.ts';

const questions = [
  'How do I start a workflow in a group?',
  'What is a Telegram Mini App?',
  'What does an exclusive gateway do?',
  'How can I run Concierge on my own machine?',
  'Which commands are there?',
];

export async function firstToken(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const app = await startApp({ entry: 'scripts/start.ts', dataDir: folder.path });
  try {
    const values: number[] = [];
    // A guest may write ten messages a minute, so every round is another guest.
    for (let round = 0; round < 5; round++) values.push(...(await askAll(app.url)));
    // The very first question also pays for code that was never run before; it stays in the range that is shown.
    return [
      { name: 'Offline assistant: question to first word on the socket', values, unit: 'ms', bar: 100 },
    ];
  } finally {
    await app.stop();
    await folder.remove();
  }
}

async function askAll(url: string): Promise<number[]> {
  const guest = (await (await fetch(`${url}/api/auth/guest`, { method: 'POST' })).json()) as {
    token: string;
  };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/chat`);
  const inbox = frames(socket);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'auth', token: guest.token }));
  await inbox.next('auth_success');
  const times: number[] = [];
  for (const message of questions) {
    const sent = performance.now();
    socket.send(JSON.stringify({ type: 'user_message', message }));
    await inbox.next('textStreamDelta');
    times.push(performance.now() - sent);
    await inbox.next('messageComplete');
  }
  socket.close();
  return times;
}

/** Waits for the next frame of a type and skips the others. */
function frames(socket: WebSocket) {
  let wanted: { type: string; resolve: () => void } | undefined;
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as { type: string };
    if (wanted?.type === type) wanted.resolve();
    else seen.push(type);
  });
  return {
    next: (type: string) =>
      new Promise<void>((resolve) => {
        const early = seen.indexOf(type);
        if (type !== 'textStreamDelta' && early >= 0) {
          seen.splice(0, early + 1);
          resolve();
          return;
        }
        seen.length = 0;
        wanted = {
          type,
          resolve: () => {
            wanted = undefined;
            resolve();
          },
        };
      }),
  };
}
