import type { PlaygroundPage } from './playground-page.ts';

/** Starts `expense_approval` in the group that is open, as its form is asked there. */
export async function startExpenseApproval(person: PlaygroundPage): Promise<void> {
  await person.send('/run expense_approval');
  await person.messages('1/5').waitFor();
  await person.send('120.50');
  await person.messages('2/5').waitFor();
  await person.press('EUR');
  await person.messages('3/5').waitFor();
  await person.send('Train to the customer');
  await person.messages('4/5').waitFor();
  await person.press(/Today/);
  await person.messages('5/5').waitFor();
  await person.press('Skip');
  await person.press(/Send/);
}
