import type { AnswerTexts } from '../answer-texts.ts';

export const english: AnswerTexts = {
  thinking: 'Thinking…',
  stopped: 'Stopped.',
  interrupted: 'Interrupted.',
  failed: (code) => `Failed (${code}).`,
  empty: 'Nothing to say.',
  retry: 'Retry',
  stop: '⏹ Stop',
  sources: 'Sources',
  toolRunning: (label) => `⏳ ${label}`,
  toolDone: (label) => `✓ ${label}`,
  toolFailed: (label) => `✗ ${label}`,
};
