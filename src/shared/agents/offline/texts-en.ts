import type { OfflineTexts } from './texts.ts';

export const en: OfflineTexts = {
  name: 'Concierge',
  description: 'Finds answers in your knowledge bases and quotes them. Not a language model.',
  greeting: (name) =>
    `Hello${name ? `, ${name}` : ''}! Ask me something, and I will look it up in the knowledge bases and quote what I find. I can also calculate and tell the time anywhere.`,
  thanks: 'You are welcome!',
  farewell: 'Goodbye! I am here whenever you need me.',
  help: `Here is what I can do:

• **Answer from knowledge bases**: ask in your own words, and I quote the passages that fit, with numbered sources. Typing errors are fine.
• **Calculate**: “what is 12 * 7 + 3”, “20% of 300”.
• **Tell the time**: “what time is it in Tokyo”, “time difference between London and Delhi”.

No language model is connected, so I do not chat freely: I look things up and quote them word for word. Try “What is Concierge?”`,
  identity:
    'I am Concierge, working without a language model right now: I search the knowledge bases that you may read and quote what they say, I calculate, and I tell the time. I make nothing up. As soon as an administrator connects a model, answers become freer.',
  empty: 'I did not see a question in that. Ask me something in words, or write “help”.',
  foundIn: (kbName) => `Here is what the knowledge base “${kbName}” says:`,
  foundInSeveral: 'Here is what the knowledge bases say:',
  closest: 'I found no exact answer. This comes closest:',
  nothingFound:
    'I found nothing about this in the knowledge bases that you can read. I am not a language model, so I will not guess.\n\nYou could ask in other words, choose another knowledge base in the catalog, or write “help” to see what I can do.',
  searchFailed: (reason) => `I could not search: ${reason}`,
  calculated: (expression, value) => `${expression} = **${value}**`,
  toolFailed: (reason) => `That did not work. ${reason}`,
};
