// The people, the group and the knowledge that a new playground begins with. Seeding again changes nothing.
import type { RunningConcierge } from '../../src/concierge.ts';
import type { Person, Playground } from '../telegram.ts';
import { seedKnowledge } from './knowledge.ts';

export async function seedDemo(playground: Playground, concierge: RunningConcierge): Promise<void> {
  const { people, groups } = concierge.services;
  const ann = playground.addPerson({ first_name: 'Ann', username: 'ann', language_code: 'en' });
  const bob = playground.addPerson({ first_name: 'Bob', username: 'bob', language_code: 'en' });
  const team = playground.addGroup({
    title: 'Team',
    topics: ['Expenses'],
    members: [ann, bob],
    admins: [ann],
    withBot: true,
  });

  const known = await Promise.all([ann, bob].map((person) => people.fromTelegram(telegramUser(person))));
  const group = await groups.fromTelegram({ id: team.id, title: team.title });
  const [annKnown, bobKnown] = known;
  if (!annKnown || !bobKnown) throw new Error('The demo people could not be made');
  await groups.confirmMember(group.id, annKnown.id, 'admin');
  await groups.confirmMember(group.id, bobKnown.id);
  await seedKnowledge(concierge.knowledge, { ownerId: annKnown.id, memberIds: [bobKnown.id] });
}

function telegramUser({ id, first_name, username, language_code }: Person) {
  return { id, first_name, username, language_code };
}
