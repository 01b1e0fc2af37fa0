import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { GroupEntity, GroupMemberEntity } from './entities.ts';
import { GroupService } from './group-service.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase([GroupEntity, GroupMemberEntity]);
});
afterAll(() => db.close());

it('keeps everything when it becomes a supergroup, in whatever order the news come', async () => {
  const groups = new GroupService({ db });
  const group = await groups.fromTelegram({ id: -1, title: 'Team' });
  await groups.confirmMember(group.id, newId());
  await groups.fromTelegram({ id: -1001, title: 'Team' });
  await groups.migrate(-1, -1001);
  await groups.migrate(-1, -1001);
  expect(await groups.findByChat(-1001)).toMatchObject({ id: group.id });
  expect(await groups.findByChat(-1)).toBeUndefined();
});

it('asks who is a member when the last word is old, and believes the old one when nobody answers', async () => {
  const answers: ('member' | 'none' | undefined)[] = [undefined, 'member', 'none'];
  const groups = new GroupService({ db, lookup: async () => answers.shift() });
  const group = await groups.fromTelegram({ id: -2, title: 'Club' });
  const ann = newId();
  expect(await groups.isMember(group.id, ann), 'nobody knows').toBe(false);
  expect(await groups.isMember(group.id, ann), 'Telegram says so').toBe(true);
  expect(await groups.isMember(group.id, ann), 'not asked again within the hour').toBe(true);
  await db.query(`update group_members set confirmed_at = now() - interval '2 hours' where person_id = $1`, [
    ann,
  ]);
  expect(await groups.isMember(group.id, ann), 'left meanwhile').toBe(false);
  expect(await groups.ofPerson(ann)).toEqual([]);
});

it('is not listed for its people once the bot was removed', async () => {
  const groups = new GroupService({ db });
  const group = await groups.fromTelegram({ id: -3, title: 'Old' });
  const bob = newId();
  await groups.confirmMember(group.id, bob, 'admin');
  await groups.confirmMember(group.id, bob);
  expect(await groups.ofPerson(bob)).toHaveLength(1);
  expect(await groups.countManaged(bob)).toBe(1);
  await groups.setActive(group.id, false);
  expect(await groups.ofPerson(bob)).toHaveLength(0);
});
