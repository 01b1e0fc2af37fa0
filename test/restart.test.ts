// What people notice when the process is killed in the worst moment and started again: nothing is lost, nothing is
// there twice.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskPage, UserTaskDetail } from '../src/shared/contracts/workflows.ts';
import { ChatSocket } from './support/chat-socket.ts';
import { type FaultWorld, startFaultWorld, takeOverMs } from './support/fault-world.ts';

const interrupted = 'I was interrupted here.';
const beginning = 'The night train leaves at ten from platform seven, and it arrives';

let world: FaultWorld;
beforeEach(async () => {
  world = await startFaultWorld();
});
afterEach(() => world?.close());

/** Ann asks in her private chat; the model has begun to answer, which is to be seen and is written down. */
async function beginAnswer(question: string) {
  const { telegram, model } = world;
  telegram.ann.send(telegram.playground.bot, question);
  const call = await model.call(model.calls.length);
  call.say(beginning);
  await telegram.playground.waitFor(
    () => telegram.playground.draft(telegram.ann.person)?.text.includes(beginning),
    { timeoutMs: 15_000 },
  );
  await recorded({ role: 'assistant', status: 'streaming', content: beginning });
  return call;
}

async function recorded(message: { role: string; status: string; content: string }, timeout = 15_000) {
  const ann = world.api('ann');
  // Two requests each time, of the 120 that a person has in a minute.
  const interval = timeout > 15_000 ? 1_500 : 250;
  await vi.waitFor(async () => expect(await ann.said()).toContainEqual(message), { timeout, interval });
}

describe('An answer in Telegram that is cut off by kill -9', () => {
  it('is delivered once with what was said and that it was interrupted, and nothing is asked again', async () => {
    const { telegram, model } = world;
    await beginAnswer('When does the train leave?');
    await world.app.kill();
    expect(telegram.chatOf(telegram.ann)).toEqual(['person: When does the train leave?']);

    await world.startAgain();
    await telegram.message(telegram.ann.person, interrupted, takeOverMs);
    const first = ['person: When does the train leave?', `bot: ${beginning}\n\n${interrupted}`];
    expect(telegram.chatOf(telegram.ann)).toEqual(first);
    const kept = [
      { role: 'user', status: 'complete', content: 'When does the train leave?' },
      { role: 'assistant', status: 'partial', content: beginning },
    ];
    expect(await world.api('ann').said()).toEqual(kept);

    // What was delivered is not delivered by the next process again: whatever a restart repeats stands before the
    // next answer.
    await world.app.kill();
    await world.startAgain();
    telegram.ann.send(telegram.playground.bot, 'And now?');
    const next = await vi.waitFor(() => model.call(1), { timeout: takeOverMs });
    next.say('It left.');
    next.finish();
    await telegram.message(telegram.ann.person, /^It left\.$/, takeOverMs);
    expect(telegram.chatOf(telegram.ann)).toEqual([...first, 'person: And now?', 'bot: It left.']);
    expect(await world.api('ann').said()).toEqual([
      ...kept,
      { role: 'user', status: 'complete', content: 'And now?' },
      { role: 'assistant', status: 'complete', content: 'It left.' },
    ]);
    expect(model.calls).toHaveLength(2);
  });
});

describe('An answer on a socket that is cut off by kill -9', () => {
  it('can be resumed or is refused clearly, and the conversation has it once, marked as partial', async () => {
    const { telegram, model } = world;
    const token = telegram.ann.signInitData();
    const before = await ChatSocket.signedIn(world.app.url, token);
    const question = { type: 'user_message', message: 'When does it leave?', client_message_id: 'q-1' };
    before.send(question);
    (await model.call(0)).say(beginning);
    const delta = await before.next('textStreamDelta');
    await recorded({ role: 'assistant', status: 'streaming', content: beginning });
    const { run_id: runId = '', seq = 0 } = delta;
    await world.app.kill();
    expect(await before.closed).toBe(1006);

    await world.startAgain();
    await recorded({ role: 'assistant', status: 'partial', content: beginning }, takeOverMs);
    const after = await ChatSocket.signedIn(world.app.url, token);
    after.send({ type: 'resume', run_id: runId, after: seq });
    const end = await after.next('error', (frame) => frame.run_id === runId);
    expect(end).toMatchObject({ message: 'The answer was interrupted.', recoverable: true });
    expect(end.seq, 'it goes on behind what the client has').toBeGreaterThan(seq);
    await after.next('stateUpdate', (frame) => frame.run_id === runId && frame.status === 'error');
    expect(
      after.frames.filter(({ type }) => type === 'textStreamDelta'),
      'what it has is not told again',
    ).toEqual([]);
    // The client does not know whether its question arrived, and sends it again.
    after.send(question);
    const replayed = await after.next('textStreamDelta', (frame) => frame.run_id === runId);
    expect(replayed.delta).toBe(beginning);
    expect(await world.api('ann').said()).toEqual([
      { role: 'user', status: 'complete', content: 'When does it leave?' },
      { role: 'assistant', status: 'partial', content: beginning },
    ]);
    expect(model.calls).toHaveLength(1);
    after.close();
  });
});

describe('Messages that were accepted and not handled when the process was killed', () => {
  it('are handled after the restart, each once and in their order', async () => {
    const { telegram, model } = world;
    const { playground, ann } = telegram;
    // The first one cannot be answered, so that it is being handled for long; the second one waits behind it.
    playground.faults.add({ kind: 'too_many_requests', method: 'sendMessage', retryAfter: 30, times: 100 });
    ann.send(playground.bot, '/help');
    ann.send(playground.bot, 'When does it leave?');
    await playground.waitFor(
      () =>
        playground.pendingUpdates.length === 0 &&
        playground.refused.some(({ method }) => method === 'sendMessage'),
      { timeoutMs: 15_000 },
    );
    await world.app.kill();
    expect(model.calls).toHaveLength(0);
    playground.faults.clear();

    await world.startAgain();
    const call = await vi.waitFor(() => model.call(0), { timeout: takeOverMs });
    call.say('At ten.');
    call.finish();
    await telegram.message(ann.person, /^At ten\.$/, takeOverMs);
    expect(telegram.chatOf(ann)).toEqual([
      'person: /help',
      'person: When does it leave?',
      expect.stringMatching(/^bot: [^]*\/new/),
      'bot: At ten.',
    ]);
    expect(await world.api('ann').said()).toEqual([
      { role: 'user', status: 'complete', content: 'When does it leave?' },
      { role: 'assistant', status: 'complete', content: 'At ten.' },
    ]);
  });
});

describe('A form that is being filled in when the process is killed', () => {
  it('goes on with the next answer, and its task is completed once', async () => {
    const { telegram } = world;
    const { playground, ann, bob } = telegram;
    const group = playground.addGroup({ title: 'Team', members: [bob.person, ann.person] });
    bob.addBot(group);
    ann.send(playground.bot, '/start');
    await telegram.message(ann.person, /Ann/);

    // Bob's form that starts the process is cut off …
    bob.send(group, `/run@${playground.bot.username} expense_approval`);
    const answer = async (step: string, text: string) => {
      const question = await telegram.message(group, step, takeOverMs);
      bob.send(group, text, { replyTo: question });
    };
    await answer('1/5', '120.50');
    // A press gets its answer when the step is written down.
    await bob.press(await telegram.message(group, '2/5'), 'EUR').answer();
    await world.app.kill();
    await world.startAgain();
    // … and goes on where it was.
    await answer('3/5', 'Train to the customer');
    bob.press(await telegram.message(group, '4/5', takeOverMs), 'Today');
    await answer('5/5', 'Second class');
    bob.press(await telegram.message(group, 'Is everything right?'), 'Send');
    const notice = await telegram.message(group, /^📋 Review the expense/);
    expect((await world.api('bob').get<{ results: unknown[] }>('/api/processes')).results).toHaveLength(1);

    // Ann takes the task, and is cut off in the middle of its form.
    ann.press(notice, 'Take it');
    await ann.press(await telegram.message(ann.person, 'Review the expense'), 'Fill in here').answer();
    await world.app.kill();
    await world.startAgain();
    const open = await world.api('ann').get<TaskPage>('/api/tasks?filter=next');
    const inbox = await world.api('ann').get<TaskPage>('/api/tasks?filter=inbox');
    const [task, ...others] = [...open.results, ...inbox.results];
    expect(others).toEqual([]);
    expect(task).toMatchObject({ status: 'open', assignee: { name: 'Ann' }, can_complete: true });

    ann.send(playground.bot, '100');
    await telegram.message(ann.person, '2/2', takeOverMs);
    // In this instant nobody knows yet that the question was asked, so it may be asked again.
    await world.app.kill();
    await world.startAgain();
    ann.send(playground.bot, 'Fine with me');
    const summary = await telegram.message(ann.person, 'Is everything right?', takeOverMs);
    expect(summary.text).toContain('100');
    expect(summary.text).toContain('Fine with me');
    const approve = summary.reply_markup?.inline_keyboard.flat().find(({ text }) => text.includes('Approve'));
    ann.press(summary, approve?.text ?? '');
    await telegram.message(group, /Approved by Ann/);
    const done = await world.api('ann').get<UserTaskDetail>(`/api/tasks/${task?.id}`);
    expect(done).toMatchObject({ status: 'completed', completed_by: { name: 'Ann' } });
    const again = await world.api('ann').call<{ error: string }>('POST', `/api/tasks/${task?.id}/complete`, {
      values: { approved_amount: 100 },
      action: 'action_approve',
    });
    expect([again.status, again.body.error]).toEqual([409, 'CONFLICT']);

    const count = (chat: { id: number }, text: string) =>
      playground.messages(chat).filter((message) => message.text?.includes(text)).length;
    expect(count(group, '✅ Review the expense'), 'the notice is edited, not sent again').toBe(1);
    expect(count(group, '📋 Review the expense') + count(group, '👤 Review the expense')).toBe(0);
    expect(count(group, '3/5'), 'each question once').toBe(1);
    expect(count(ann.person, '1/2'), 'each question once').toBe(1);
    expect(count(ann.person, '2/2'), 'once again at most').toBeLessThanOrEqual(2);
  });
});

describe('A shutdown in the middle of an answer', () => {
  it('lets the answer end when it can, and exits with 0', async () => {
    const { telegram } = world;
    const call = await beginAnswer('When does the train leave?');
    const stopped = world.app.stop();
    await vi.waitFor(() => expect(world.app.output()).toContain('shutting down'));
    call.say(' at six.');
    call.finish();
    expect(await stopped).toBe(0);
    expect(telegram.chatOf(telegram.ann)).toEqual([
      'person: When does the train leave?',
      `bot: ${beginning} at six.`,
    ]);
    await world.startAgain();
    expect(await world.api('ann').said()).toEqual([
      { role: 'user', status: 'complete', content: 'When does the train leave?' },
      { role: 'assistant', status: 'complete', content: `${beginning} at six.` },
    ]);
  });

  it('keeps the part of an answer that does not end, exits with 0, and says so once', async () => {
    const { telegram, model } = world;
    await beginAnswer('When does the train leave?');
    const began = Date.now();
    expect(await world.app.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(30_000);
    await world.startAgain();
    await telegram.message(telegram.ann.person, interrupted, takeOverMs);
    expect(telegram.chatOf(telegram.ann)).toEqual([
      'person: When does the train leave?',
      `bot: ${beginning}\n\n${interrupted}`,
    ]);
    expect(await world.api('ann').said()).toEqual([
      { role: 'user', status: 'complete', content: 'When does the train leave?' },
      { role: 'assistant', status: 'partial', content: beginning },
    ]);
    expect(model.calls).toHaveLength(1);
  });
});
